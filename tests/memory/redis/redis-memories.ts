import type { TestContext } from "node:test";
import type { MemoryOptions } from "../../../src/memory/memory.js";
import { openRedisMemory, type RedisMemoryOptions } from "../../../src/memory/redis/index.js";
import type { MemoryUnderTest } from "../contract.js";
import { atService, serviceMemories } from "../service-memories.js";

export const silent = { step: 1, signal: new AbortController().signal };

type Address = { port: number } | { url: string };

/** Opens memories on one server and closes them when the test ends. */
export const redisMemories = (t: Pick<TestContext, "after">, address: Address) =>
  serviceMemories<Omit<RedisMemoryOptions, keyof MemoryOptions>>(t, openRedisMemory, {
    address: { host: "127.0.0.1", port: 6379, tls: false, ...address },
  });

/** The contract on one server: a place is an index of its own. */
export const onRedis = (name: string, address: Address): MemoryUnderTest =>
  atService({ name }, (t) => redisMemories(t, address));
