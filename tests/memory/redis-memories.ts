import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { onlyEmbedding } from "../../src/memory/embedding.js";
import type { Embed, Memory } from "../../src/memory/memory.js";
import { openRedisMemory, type RedisMemoryOptions } from "../../src/memory/redis.js";
import { temporaryFolder } from "../support/program.js";
import type { MemoryUnderTest } from "./contract.js";

type Open = Partial<Omit<RedisMemoryOptions, "address">> & { embed?: Embed | null };

export const silent = { step: 1, signal: new AbortController().signal };

/** Opens memories on one server and closes them when the test ends. */
export async function redisMemories(t: Pick<TestContext, "after">, address: { port: number } | { url: string }) {
  const directory = await temporaryFolder(t);
  const warnings: string[] = [];
  const open: Memory[] = [];
  t.after(() => Promise.all(open.map((memory) => memory.close())));
  return {
    directory,
    warnings,
    async open({ embed = null, ...options }: Open = {}): Promise<Memory> {
      const memory = await openRedisMemory({
        address: { host: "127.0.0.1", port: 6379, tls: false, ...address },
        directory,
        index: "auto-gpt",
        aiName: "Ada",
        chooseEmbedding: onlyEmbedding("words", embed),
        warn: (message) => warnings.push(message),
        ...options,
      });
      open.push(memory);
      return memory;
    },
  };
}

/** The contract on one server: a place is an index of its own. */
export function onRedis(name: string, address: { port: number } | { url: string }): MemoryUnderTest {
  const places = new Map<string, Awaited<ReturnType<typeof redisMemories>>>();
  return {
    name,
    async place(t) {
      const index = `test-${randomUUID().slice(0, 8)}`;
      places.set(index, await redisMemories(t, address));
      return index;
    },
    async open(place, aiName, embed) {
      const memories = places.get(place);
      if (memories === undefined) throw new Error(`${place} was not made by place()`);
      return memories.open({ index: place, aiName, embed });
    },
  };
}
