import { messageOf, RunError, SettingsError } from "../errors.js";
import type { LocalMemoryOptions } from "./local.js";
import type { Memory } from "./memory.js";

export type MemoryBackend = "local" | "redis" | "pinecone" | "no_memory";

/**
 * Opens a memory by its name in the settings; loads only the one that is asked for, and never another in its place. Throws
 * SettingsError where it cannot be opened.
 */
export async function openMemory(backend: MemoryBackend, options: LocalMemoryOptions): Promise<Memory> {
  switch (backend) {
    case "local":
      return (await import("./local.js")).openLocalMemory(options).catch(cannotOpen);
    case "no_memory":
      return (await import("./none.js")).openNoMemory();
    case "redis":
    case "pinecone":
      throw new SettingsError(
        `MEMORY_BACKEND=${backend} is not available in this version yet; use MEMORY_BACKEND=local or no_memory.`,
      );
  }
}

function cannotOpen(thrown: unknown): never {
  if (thrown instanceof RunError) throw thrown;
  throw new SettingsError(
    `The memory cannot be opened: ${messageOf(thrown)}. Mend its folder, name another place with AUTOGPT_HOME, or use --use-memory no_memory.`,
    { cause: thrown },
  );
}
