import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { onlyEmbedding } from "../../src/memory/embedding.js";
import type { Embed, Memory } from "../../src/memory/memory.js";
import { openPineconeMemory, type PineconeMemoryOptions } from "../../src/memory/pinecone.js";
import type { FakePinecone } from "../support/fake-pinecone.js";
import { temporaryFolder } from "../support/program.js";
import type { MemoryUnderTest } from "./contract.js";

type Open = Partial<PineconeMemoryOptions> & { embed?: Embed | null };
export type LoadPinecone = NonNullable<PineconeMemoryOptions["load"]>;

/** Opens memories at one server and closes them when the test ends. */
export async function pineconeMemories(t: Pick<TestContext, "after">, server: FakePinecone, load?: LoadPinecone) {
  const directory = await temporaryFolder(t);
  const warnings: string[] = [];
  const open: Memory[] = [];
  t.after(() => Promise.all(open.map((memory) => memory.close())));
  return {
    directory,
    warnings,
    async open({ embed = null, ...options }: Open = {}): Promise<Memory> {
      const memory = await openPineconeMemory({
        address: { apiKey: server.apiKey, baseUrl: server.url, cloud: "aws", region: "us-east-1" },
        directory,
        index: "auto-gpt",
        aiName: "Ada",
        chooseEmbedding: onlyEmbedding("words", embed),
        warn: (message) => warnings.push(message),
        ...(load ? { load } : {}),
        ...options,
      });
      open.push(memory);
      return memory;
    },
  };
}

/** The contract at one server: a place is an index of its own. */
export function atPinecone(name: string, server: FakePinecone, load?: LoadPinecone): MemoryUnderTest {
  const places = new Map<string, Awaited<ReturnType<typeof pineconeMemories>>>();
  return {
    name,
    oneDimension: true,
    needsVectors: true,
    async place(t) {
      const index = `test-${randomUUID().slice(0, 8)}`;
      places.set(index, await pineconeMemories(t, server, load));
      return index;
    },
    async open(place, aiName, embed) {
      const memories = places.get(place);
      if (memories === undefined) throw new Error(`${place} was not made by place()`);
      return memories.open({ index: place, aiName, embed });
    },
  };
}
