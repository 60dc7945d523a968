import { monotonicMs } from "../../base/stopwatch.js";
import type { StoredRecord } from "../memory.js";

/**
 * The service finds what was written only after a while. Until its answers take them into account, the writes of this
 * process are kept here: the records it stored, which have to be found, and the ids it removed, which must not be.
 */
export interface Freshness {
  wrote(records: readonly StoredRecord[], written: number | null): void;
  removed(ids: readonly string[], written: number | null): void;
  cleared(written: number | null): void;
  /** Drops the writes that an answer took into account; `indexed` is the number of the last of them. */
  settle(indexed: number | null): void;
  /** Whether there are writes that answers do not take into account yet. */
  holdsAny(): boolean;
  records(): StoredRecord[];
  isGone(id: string): boolean;
}

/** How long a write is kept where answers do not say what they take into account. */
const longestMs = 120_000;

type Write = { written: number | null; at: number };

export function createFreshness(now: () => number = monotonicMs): Freshness {
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
