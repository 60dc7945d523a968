import { mkdirSync } from "node:fs";
import { memoryFolder } from "../memory-folder.js";
import type { MemoryOptions, OpenedMemory } from "../memory.js";
import { openStoredMemory } from "../stored-memory.js";
import { openLocalStore } from "./store.js";

/**
 * Remembers in files, a folder for each AI name, and recalls exactly, by cosine or by words. Several processes may use
 * one memory at once. Throws SettingsError when the memory was made with another embedding model than is to be used.
 */
export async function openLocalMemory(options: MemoryOptions): Promise<OpenedMemory> {
  const folder = memoryFolder(options.directory, options.index, options.aiName);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return openStoredMemory(openLocalStore(folder, options.warn), options);
}
