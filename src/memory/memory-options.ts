import type { ChooseEmbedding } from "./memory.js";

/** What every memory is opened with. */
export type MemoryOptions = {
  /** Where the memories of all AIs lie, or where their records wait while a service is away. */
  directory: string;
  /** Memories of different indexes do not mix, even for one AI. */
  index: string;
  aiName: string;
  chooseEmbedding: ChooseEmbedding;
  warn(message: string): void;
  /** Forgets everything of this AI before anything else is looked at. */
  wipe?: boolean;
};
