import { join } from "node:path";
import { makeStateFolder } from "../base/folders/state-folder.js";
import type { Mask } from "../base/mask.js";
import { openMemory, remembers, type MemoryBackend } from "../memory/backends.js";
import type { Tape } from "../cassette/tape.js";
import { asItIs } from "../memory/embedding/choose.js";
import type { ChooseEmbedding, OpenedMemory } from "../memory/memory.js";
import { limitRecords, onRecords } from "../memory/wrappers.js";
import { memoryServices } from "../settings/memory-services.js";
import type { Settings } from "../settings/schema.js";

export type MemoryRequest = {
  settings: Settings;
  backend: MemoryBackend;
  aiName: string;
  chooseEmbedding: ChooseEmbedding;
  mask: Mask;
  warn(message: string): void;
  /** Forgets everything of this AI before anything else is looked at. */
  wipe?: boolean;
  /** What stands between the memory and where its records are. */
  tape?: Tape | null;
  /** Takes the memory with whatever it was made: for looking into it, and for embedding it anew. */
  asItIs?: boolean;
};

/** The memory of one AI, by the settings. No secret enters it. Throws SettingsError where it cannot be opened. */
export async function createMemory(request: MemoryRequest): Promise<OpenedMemory> {
  const { settings, aiName, chooseEmbedding, mask, warn, wipe = false, tape = null } = request;
  // In a replay no store is asked, so any will do; that nothing is remembered is another thing.
  const backend = tape?.replays === true && remembers(request.backend) ? "local" : request.backend;
  if (backend === "local") makeStateFolder(settings.home);
  const memory = await openMemory(backend, {
    directory: join(settings.home, "memory"),
    index: settings.memoryIndex,
    aiName,
    chooseEmbedding: request.asItIs ? asItIs(chooseEmbedding) : chooseEmbedding,
    warn,
    wipe,
    tape,
    ...memoryServices(settings),
  });
  return onRecords(limitRecords(memory), mask);
}
