import { mkdir } from "node:fs/promises";
import { withLock } from "../storage/with-lock.js";
import { openLocalStore } from "./local-store.js";
import { memoryFolder } from "./memory-folder.js";
import { lockPath, removeMemoryFiles } from "./memory-files.js";
import type { MemoryOptions } from "./memory-options.js";
import type { Memory } from "./memory.js";
import { openStoredMemory } from "./stored-memory.js";

/**
 * Remembers in files, a folder for each AI name, and recalls exactly, by cosine or by words. Several processes may use
 * one memory at once. Throws SettingsError when the memory was made with another embedding model than is to be used.
 */
export async function openLocalMemory(options: MemoryOptions): Promise<Memory> {
  const folder = memoryFolder(options.directory, options.index, options.aiName);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (options.wipe) await withLock(lockPath(folder), () => removeMemoryFiles(folder));
  return openStoredMemory(openLocalStore(folder, options.warn), options.chooseEmbedding);
}
