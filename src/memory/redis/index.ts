import { join } from "node:path";
import { SettingsError } from "../../errors.js";
import { memoryFolder } from "../memory-folder.js";
import type { MemoryOptions, OpenedMemory } from "../memory.js";
import { openDeliveryQueue } from "../queue/queue.js";
import { queuedStore } from "../queue/queued-store.js";
import { StoreDownError } from "../record-store.js";
import { openStoredMemory } from "../stored-memory.js";
import { connectRedis, type RedisAddress } from "./connection.js";
import { redisKeys } from "./keys.js";
import { createEngineSearch } from "./search-engine.js";
import { createLocalSearch } from "./search-here.js";
import { redisStore } from "./store.js";

export type RedisMemoryOptions = MemoryOptions & {
  address: RedisAddress;
  /** How long an answer is waited for. */
  answerMs?: number;
};

/**
 * Remembers on a Redis server, for as many processes and machines as use it, and touches nothing there but keys that begin
 * with the index's name and a colon. Throws SettingsError where the server cannot be reached, ioredis is not installed,
 * or the memory was made with another embedding model.
 */
export async function openRedisMemory(options: RedisMemoryOptions): Promise<OpenedMemory> {
  const { address, directory, index, aiName, warn } = options;
  const redis = await connectRedis(address, options.answerMs);
  try {
    const keys = redisKeys(index, aiName);
    const place = { redis, keys, where: `${keys.meta.replace(/:meta$/, "")} on Redis at ${redis.address}` };
    const here = createLocalSearch(place);
    const store = redisStore(place, redis.hasEngine ? createEngineSearch(place, here, warn) : here);
    const queue = openDeliveryQueue(join(memoryFolder(directory, index, aiName), "redis-queue.jsonl"), warn);
    if (options.wipe) {
      await store.clear();
      await queue.clear();
    }
    return await openStoredMemory(await queuedStore(store, queue, warn), options.chooseEmbedding);
  } catch (error) {
    redis.close();
    if (!(error instanceof StoreDownError)) throw error;
    throw new SettingsError(`${error.message} Start it again, or use MEMORY_BACKEND=local.`, { cause: error });
  }
}
