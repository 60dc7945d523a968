import { join } from "node:path";
import { SettingsError } from "../../errors.js";
import { memoryFolder } from "../memory-folder.js";
import type { MemoryOptions, ChooseEmbedding, OpenedMemory } from "../memory.js";
import { openDeliveryQueue } from "../queue/queue.js";
import { queuedStore } from "../queue/queued-store.js";
import { StoreDownError } from "../record-store.js";
import { openStoredMemory } from "../stored-memory.js";
import { connectPinecone, type PineconeAddress, type PineconeOptions } from "./connection.js";
import { namespaceOf } from "./rows.js";
import { pineconeStore } from "./store.js";

export type PineconeMemoryOptions = MemoryOptions & { address: PineconeAddress; load?: PineconeOptions["load"] };

/**
 * Remembers at Pinecone, in a serverless index that is made with the first record and in a namespace of the AI's own; no
 * other is touched. Throws SettingsError where the service cannot be used, the client is not installed, or the memory was
 * made with another embedding model.
 */
export async function openPineconeMemory(options: PineconeMemoryOptions): Promise<OpenedMemory> {
  const { address, directory, index, aiName, warn, load } = options;
  const namespace = namespaceOf(aiName);
  const connection = await connectPinecone({ address, index, namespace, ...(load ? { load } : {}) });
  const store = pineconeStore(connection);
  const queue = openDeliveryQueue(join(memoryFolder(directory, index, aiName), "pinecone-queue.jsonl"), warn);
  try {
    await connection.find();
    if (options.wipe) {
      await store.clear();
      await queue.clear();
    }
    return await openStoredMemory(await queuedStore(store, queue, warn), vectorsOnly(options.chooseEmbedding));
  } catch (error) {
    if (!(error instanceof StoreDownError)) throw error;
    throw new SettingsError(`${error.message} Check PINECONE_API_BASE_URL, or use MEMORY_BACKEND=local.`, {
      cause: error,
    });
  }
}

/** The service has nothing to find words with. */
const vectorsOnly =
  (choose: ChooseEmbedding): ChooseEmbedding =>
  async (madeWith, next) => {
    const embedding = await choose(madeWith, next);
    if (embedding.embed !== null) return embedding;
    throw new SettingsError(
      "Pinecone finds by vectors, and there is no model that embeds. Set EMBEDDING_PROVIDER, or use MEMORY_BACKEND=local.",
    );
  };
