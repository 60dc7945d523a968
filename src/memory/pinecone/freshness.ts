import type { StoredRecord } from "../memory.js";

/**
 * The service shows what was written only after a while. Until its answers have caught up with them, what this process
 * wrote is kept here: records that are to be found though the service does not know them, and ids that are to be left out.
 */
export interface Freshness {
  wrote(records: readonly StoredRecord[], written: number | null): void;
  removed(ids: readonly string[], written: number | null): void;
  cleared(written: number | null): void;
  /** Forgets what an answer that knew the writes up to this number has caught up with. */
  settle(indexed: number | null): void;
  /** Whether there is anything that answers have to catch up with. */
  holdsAny(): boolean;
  records(): StoredRecord[];
  isGone(id: string): boolean;
}

/** How long is waited for answers that say nothing of it. */
const longestMs = 120_000;

type Write = { written: number | null; at: number };

export function createFreshness(now: () => number = Date.now): Freshness {
  const fresh = new Map<string, Write & { record: StoredRecord }>();
  const gone = new Map<string, Write>();
  let everything: Write | null = null;
  const isKnown = ({ written, at }: Write, indexed: number | null): boolean =>
    written !== null && indexed !== null ? indexed >= written : now() - at > longestMs;
  return {
    wrote(records, written) {
      for (const record of records) {
        fresh.set(record.id, { record, written, at: now() });
        gone.delete(record.id);
      }
    },
    removed(ids, written) {
      for (const id of ids) {
        fresh.delete(id);
        gone.set(id, { written, at: now() });
      }
    },
    cleared(written) {
      fresh.clear();
      gone.clear();
      everything = { written, at: now() };
    },
    settle(indexed) {
      for (const [id, write] of fresh) if (isKnown(write, indexed)) fresh.delete(id);
      for (const [id, write] of gone) if (isKnown(write, indexed)) gone.delete(id);
      if (everything !== null && isKnown(everything, indexed)) everything = null;
    },
    holdsAny: () => fresh.size > 0 || gone.size > 0 || everything !== null,
    records: () => [...fresh.values()].map(({ record }) => record),
    isGone: (id) => gone.has(id) || (everything !== null && !fresh.has(id)),
  };
}
