import type { OpenedMemory } from "./memory.js";

/** A memory that keeps nothing and asks no model. */
export const openNoMemory = (): OpenedMemory => ({
  add: async () => true,
  addMany: async () => [],
  recall: async () => [],
  forget: async () => 0,
  async *entries() {},
  import: async () => ({ added: 0, skipped: 0 }),
  reembed: async () => 0,
  stats: async () => ({
    backend: "no_memory",
    records: 0,
    embeddingModel: null,
    dimension: null,
    bytes: 0,
    detail: null,
  }),
  clear: async () => {},
  close: async () => {},
});
