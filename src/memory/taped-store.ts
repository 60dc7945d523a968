import { keepRecent } from "../base/keeping/keep-recent.js";
import { Repeated } from "../cassette/encode.js";
import type { Tape } from "../cassette/tape.js";
import type { MemoryRecord, Recalled } from "./memory.js";
import type { RecordStore } from "./record-store.js";

/** A store behind a tape: what is found there depends on other runs. What is put into it in a replay is nowhere. */
export function tapedStore(store: RecordStore, tape: Tape): RecordStore {
  const known = createKnownRecords();
  return {
    ...store,
    madeWith: () => tape.readingLater("memory-made-with", () => store.madeWith()),
    has: async (ids) => new Set(await tape.outcome("memory-has", { ids }, async () => [...(await store.has(ids))])),
    put: (records) => tape.outcome("memory-put", { texts: records.map(({ text }) => text) }, () => store.put(records)),
    async nearest(query, count, unless) {
      let found: Recalled[] | null = null;
      // Words beside a vector say nothing that it does not: recordings from before have none.
      const asked = { count, ...(query.vector === undefined && query) };
      const recorded = await tape.outcome<Found | Recalled[]>("memory-nearest", asked, async () => {
        found = await store.nearest(query, count, unless);
        return { records: new Repeated(found.map(known)), scores: found.map(({ score }) => score) };
      });
      return found ?? recalledIn(recorded);
    },
    stats: () => tape.outcome("memory-stats", {}, () => store.stats()),
    clear: () => tape.outcome("memory-clear", {}, () => store.clear()),
  };
}

/** What a memory found, as it is recorded: a step finds for the most part what the step before it did. */
type Found = { records: Repeated<MemoryRecord> | readonly MemoryRecord[]; scores: readonly number[] };

/** Recordings of earlier versions have the records with their scores. */
function recalledIn(recorded: Found | Recalled[]): Recalled[] {
  if (Array.isArray(recorded)) return recorded;
  const { records, scores } = recorded;
  const all = records instanceof Repeated ? records.items : records;
  return all.map((record, place) => ({ ...record, score: scores[place] ?? 0 }));
}

/** So many records are known at the least. */
const leastKnown = 250;

/** Gives records without their scores, and the same one as the same object as long as it is among the last. */
function createKnownRecords(): (record: Recalled) => MemoryRecord {
  const kept = keepRecent<string, MemoryRecord>(leastKnown);
  return ({ id, text, source, time }) => {
    const before = kept.get(id);
    if (before?.text === text && before.time === time) return before;
    const record = { id, text, source, time };
    kept.set(id, record);
    return record;
  };
}
