import type { TestContext } from "node:test";
import { openPineconeMemory, type PineconeMemoryOptions } from "../../../src/memory/pinecone/index.js";
import type { FakePinecone } from "../../support/services/fake-pinecone.js";
import type { MemoryUnderTest } from "../contract.js";
import { atService, serviceMemories } from "../service-memories.js";

type Service = Pick<PineconeMemoryOptions, "address" | "load">;
export type LoadPinecone = NonNullable<PineconeMemoryOptions["load"]>;

/** Opens memories at one server and closes them when the test ends. */
export const pineconeMemories = (t: Pick<TestContext, "after">, server: FakePinecone, load?: LoadPinecone) =>
  serviceMemories<Service>(t, openPineconeMemory, {
    address: { apiKey: server.apiKey, baseUrl: server.url, cloud: "aws", region: "us-east-1" },
    ...(load ? { load } : {}),
  });

/** The contract at one server: a place is an index of its own. */
export const atPinecone = (name: string, server: FakePinecone, load?: LoadPinecone): MemoryUnderTest =>
  atService({ name, oneDimension: true, needsVectors: true }, (t) => pineconeMemories(t, server, load));
