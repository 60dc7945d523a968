import type { Tape } from "../cassette/tape.js";
import type { RecordStore } from "./record-store.js";

/** A store behind a tape: what is found there depends on other runs. What is put into it in a replay is nowhere. */
export const tapedStore = (store: RecordStore, tape: Tape): RecordStore => ({
  ...store,
  madeWith: () => tape.readingLater("memory-made-with", () => store.madeWith()),
  has: async (ids) => new Set(await tape.outcome("memory-has", { ids }, async () => [...(await store.has(ids))])),
  put: (records) => tape.outcome("memory-put", { texts: records.map(({ text }) => text) }, () => store.put(records)),
  nearest: (query, count, unless) =>
    // Words beside a vector say nothing that it does not: recordings from before have none.
    tape.outcome("memory-nearest", { count, ...(query.vector === undefined && query) }, () =>
      store.nearest(query, count, unless),
    ),
  stats: () => tape.outcome("memory-stats", {}, () => store.stats()),
  clear: () => tape.outcome("memory-clear", {}, () => store.clear()),
});
