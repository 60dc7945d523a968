import type { Scored } from "./best-few.js";
import type { MemoryRecord, RecallOptions, Recalled } from "./memory.js";

/**
 * The best records that may be recalled: none that the history still shows, no text twice. `find` gives the best `count`
 * of all, fewer only where there are no more; it is asked for more as long as too many of them are left out.
 */
export function recallRecords(
  find: (count: number) => Scored<number>[],
  read: (numbers: readonly number[]) => MemoryRecord[],
  { count, unless }: RecallOptions,
): Recalled[] {
  const isShown = ({ source }: MemoryRecord): boolean =>
    unless !== undefined && source.run === unless.run && source.step >= unless.fromStep;
  const known = new Map<number, MemoryRecord>();
  for (let wanted = count; ; wanted *= 4) {
    const found = find(wanted);
    const unread = found.map(({ item }) => item).filter((number) => !known.has(number));
    read(unread).forEach((record, place) => known.set(unread[place] as number, record));
    const recalled = new Map<string, Recalled>();
    for (const { item, score } of found) {
      const record = known.get(item) as MemoryRecord;
      if (!isShown(record) && !recalled.has(record.text)) recalled.set(record.text, { ...record, score });
    }
    if (recalled.size >= count || found.length < wanted) return [...recalled.values()].slice(0, count);
  }
}
