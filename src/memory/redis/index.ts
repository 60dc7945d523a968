import type { MemoryOptions, OpenedMemory } from "../memory.js";
import { openServiceMemory } from "../queue/open-service.js";
import { connectRedis, type RedisAddress } from "./connection.js";
import { redisKeys } from "./keys.js";
import type { RedisNamespace } from "./records.js";
import { createCopySearch } from "./search-copy.js";
import { createEngineSearch } from "./search-engine.js";
import { openRedisStore } from "./store.js";

export type RedisMemoryOptions = MemoryOptions & {
  address: RedisAddress;
  /** How long to wait for an answer. */
  answerMs?: number;
};

/**
 * Remembers on a Redis server, which many processes and machines may use at once. Touches only keys that begin with the
 * index's name and a colon. Throws SettingsError where the server cannot be reached, ioredis is not installed, or the
 * memory was made with another embedding model.
 */
export async function openRedisMemory(options: RedisMemoryOptions): Promise<OpenedMemory> {
  const redis = await connectRedis(options.address, options.answerMs);
  if (redis.evicts !== null)
    options.warn(
      `Redis at ${redis.address} throws out records of memory when it is full (maxmemory-policy ${redis.evicts}). ` +
        "Set maxmemory-policy noeviction.",
    );
  const keys = redisKeys(options.index, options.aiName);
  const where = `${keys.meta.replace(/:meta$/, "")} on Redis at ${redis.address}`;
  const namespace: RedisNamespace = { redis, keys, where };
  const copySearch = createCopySearch(namespace);
  const search = redis.hasEngine ? createEngineSearch(namespace, copySearch, options.warn) : copySearch;
  return openServiceMemory(openRedisStore(namespace, search), options, {
    service: "redis",
    advice: "Start it again, or use MEMORY_BACKEND=local.",
  });
}
