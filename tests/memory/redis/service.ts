import type { MemoryOptions } from "../../../src/memory/memory.js";
import { openRedisMemory, type RedisMemoryOptions } from "../../../src/memory/redis/index.js";
import type { MemoryService } from "../service-memories.js";

/** Redis on this computer, or at an address. */
export const redisAt = (
  address: { port: number } | { url: string },
): MemoryService<Omit<RedisMemoryOptions, keyof MemoryOptions>> => ({
  open: openRedisMemory,
  options: { address: { host: "127.0.0.1", port: 6379, tls: false, ...address } },
});
