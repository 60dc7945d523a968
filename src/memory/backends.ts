import { messageOf, RunError, SettingsError } from "../errors.js";
import type { MemoryOptions, OpenedMemory } from "./memory.js";
import type { PineconeAddress } from "./pinecone/connection.js";
import type { RedisAddress } from "./redis/connection.js";

/** Where the services are that keep some memories; the settings say it (settings/memory-services.ts). */
export type MemoryServices = { redis: RedisAddress; pinecone: PineconeAddress };

/** What a memory is opened with. */
export type OpenMemoryOptions = MemoryOptions & MemoryServices;

/**
 * Every memory there is, by its name in MEMORY_BACKEND, in --use-memory and in the journal. What is not opened is not
 * loaded either.
 */
const backends = {
  local: async (options) => (await import("./local/index.js")).openLocalMemory(options),
  redis: async (options) => (await import("./redis/index.js")).openRedisMemory({ ...options, address: options.redis }),
  pinecone: async (options) =>
    (await import("./pinecone/index.js")).openPineconeMemory({ ...options, address: options.pinecone }),
  no_memory: async () => (await import("./none.js")).openNoMemory(),
} satisfies Record<string, (options: OpenMemoryOptions) => Promise<OpenedMemory>>;

export type MemoryBackend = keyof typeof backends;

/** Their names, in the order in which users read them. */
export const memoryBackends = Object.keys(backends) as [MemoryBackend, ...MemoryBackend[]];

/** Whether what is put into it can be recalled. */
export const remembers = (backend: string): boolean => backend !== "no_memory";

export const isMemoryBackend = (name: string): name is MemoryBackend => Object.hasOwn(backends, name);

/** Opens a memory, and never another in its place. Throws SettingsError where it cannot be opened. */
export async function openMemory(backend: MemoryBackend, options: OpenMemoryOptions): Promise<OpenedMemory> {
  try {
    return await backends[backend](options);
  } catch (thrown) {
    if (thrown instanceof RunError) throw thrown;
    throw new SettingsError(
      `The memory cannot be opened: ${messageOf(thrown)}. Mend its folder, name another place with AUTOGPT_HOME, or use --use-memory no_memory.`,
      { cause: thrown },
    );
  }
}
