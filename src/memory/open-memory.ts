import { messageOf, RunError, SettingsError } from "../errors.js";
import type { MemoryOptions, Memory } from "./memory.js";
import type { PineconeAddress } from "./pinecone/connection.js";
import type { RedisAddress } from "./redis/connection.js";

export type MemoryBackend = "local" | "redis" | "pinecone" | "no_memory";
export type OpenMemoryOptions = MemoryOptions & { redis: RedisAddress; pinecone: PineconeAddress };

/**
 * Opens a memory by its name in the settings; loads only the one that is asked for, and never another in its place. Throws
 * SettingsError where it cannot be opened.
 */
export async function openMemory(backend: MemoryBackend, options: OpenMemoryOptions): Promise<Memory> {
  switch (backend) {
    case "local":
      return (await import("./local/index.js")).openLocalMemory(options).catch(cannotOpen);
    case "no_memory":
      return (await import("./none.js")).openNoMemory();
    case "redis":
      return (await import("./redis/index.js")).openRedisMemory({ ...options, address: options.redis });
    case "pinecone":
      return (await import("./pinecone/index.js")).openPineconeMemory({ ...options, address: options.pinecone });
  }
}

function cannotOpen(thrown: unknown): never {
  if (thrown instanceof RunError) throw thrown;
  throw new SettingsError(
    `The memory cannot be opened: ${messageOf(thrown)}. Mend its folder, name another place with AUTOGPT_HOME, or use --use-memory no_memory.`,
    { cause: thrown },
  );
}
