import type { MemoryOptions } from "../../../src/memory/memory.js";
import { openPineconeMemory, type PineconeMemoryOptions } from "../../../src/memory/pinecone/index.js";
import type { FakePinecone } from "../../support/services/fake-pinecone.js";
import type { MemoryService } from "../service-memories.js";

/** The imitation of Pinecone, spoken to by the client that is installed or by another one. */
export const pineconeAt = (
  { apiKey, url }: FakePinecone,
  load?: NonNullable<PineconeMemoryOptions["load"]>,
): MemoryService<Omit<PineconeMemoryOptions, keyof MemoryOptions>> => ({
  open: openPineconeMemory,
  options: { address: { apiKey, baseUrl: url, cloud: "aws", region: "us-east-1" }, ...(load ? { load } : {}) },
});

/** What the contract has to know of it. */
export const pineconeFacts = { oneDimension: true, needsVectors: true };
