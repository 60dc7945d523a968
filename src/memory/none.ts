import type { Memory } from "./memory.js";

/** Remembers nothing and asks nobody. */
export const openNoMemory = (): Memory => ({
  add: async () => {},
  recall: async () => [],
  stats: async () => ({ backend: "no_memory", records: 0, embeddingModel: null, dimension: null }),
  clear: async () => {},
  close: async () => {},
});
