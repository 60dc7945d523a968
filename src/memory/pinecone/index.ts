import { SettingsError } from "../../errors.js";
import type { ChooseEmbedding, MemoryOptions, OpenedMemory } from "../memory.js";
import { openServiceMemory } from "../queue/open-service.js";
import { connectPinecone, type PineconeAddress, type PineconeOptions } from "./connection.js";
import { namespaceOf } from "./rows.js";
import { openPineconeStore } from "./store.js";

export type PineconeMemoryOptions = MemoryOptions & { address: PineconeAddress; load?: PineconeOptions["load"] };

/**
 * Remembers at Pinecone, in a serverless index that is created with the first record. Each AI has a namespace of its
 * own, and no other is touched. Throws SettingsError where the service cannot be used, the client is not installed, or
 * the memory was made with another embedding model.
 */
export async function openPineconeMemory(options: PineconeMemoryOptions): Promise<OpenedMemory> {
  const { address, index, aiName, load } = options;
  const connection = await connectPinecone({
    address,
    index,
    namespace: namespaceOf(aiName),
    ...(load ? { load } : {}),
  });
  const store = openPineconeStore(connection);
  return openServiceMemory(
    store,
    { ...options, chooseEmbedding: vectorsOnly(options.chooseEmbedding) },
    { service: "pinecone", advice: "Check PINECONE_API_BASE_URL, or use MEMORY_BACKEND=local." },
  );
}

/** Refuses to recall by words, which the service cannot do. */
const vectorsOnly =
  (choose: ChooseEmbedding): ChooseEmbedding =>
  async (madeWith, next) => {
    const embedding = await choose(madeWith, next);
    if (embedding.embed !== null) return embedding;
    throw new SettingsError(
      "Pinecone finds by vectors, and there is no model that embeds. Set EMBEDDING_PROVIDER, or use MEMORY_BACKEND=local.",
    );
  };
