import { join } from "node:path";
import { SettingsError } from "../../errors.js";
import { memoryFolder } from "../memory-folder.js";
import type { MemoryOptions, OpenedMemory } from "../memory.js";
import { StoreDownError, type RecordStore } from "../record-store.js";
import { openStoredMemory } from "../stored-memory.js";
import { openDeliveryQueue } from "./queue.js";
import { queuedStore } from "./queued-store.js";

/** The name of the service, for the file of its queue, and what to do where it is away, as a sentence. */
export type ServiceTexts = { service: string; advice: string };

/**
 * The memory whose records a service keeps. What cannot be stored while it is away waits in a file and is delivered later.
 * Throws SettingsError where it is away now. The store is closed with the memory, and where it cannot be opened.
 */
export async function openServiceMemory(
  store: RecordStore,
  { directory, index, aiName, chooseEmbedding, warn, wipe = false, tape }: MemoryOptions,
  { service, advice }: ServiceTexts,
): Promise<OpenedMemory> {
  const queue = openDeliveryQueue(join(memoryFolder(directory, index, aiName), `${service}-queue.jsonl`), warn);
  try {
    if (wipe) {
      await store.clear();
      await queue.clear();
    }
    // Where the service is away nothing is delivered first, and nothing said but that.
    await store.madeWith();
    return await openStoredMemory(await queuedStore(store, queue, warn), { chooseEmbedding, tape });
  } catch (error) {
    await store.close();
    if (!(error instanceof StoreDownError)) throw error;
    throw new SettingsError(`${error.message} ${advice}`, { cause: error });
  }
}
