import type { MemoryRecord } from "../memory.js";
import { fileOf, readRecords } from "./contents.js";

/** How many records are kept, and how many characters all their texts have at the most. */
const usualRoom = { records: 1000, characters: 1_000_000 };

/**
 * Reads records as `readRecords` does, and keeps those that were asked for last: a step recalls for the most part what the step
 * before it did. Another file of records begins anew.
 */
export function createRecordReader({ records, characters } = usualRoom): typeof readRecords {
  let file = "";
  let texts = 0;
  const kept = new Map<number, MemoryRecord>();
  const drop = (number: number): void => {
    texts -= kept.get(number)?.text.length ?? 0;
    kept.delete(number);
  };
  const keep = (number: number, record: MemoryRecord): void => {
    kept.set(number, record);
    texts += record.text.length;
  };
  return (contents, numbers) => {
    const now = fileOf(contents);
    if (now !== file) {
      kept.clear();
      [file, texts] = [now, 0];
    }
    const unread = numbers.filter((number) => !kept.has(number));
    const read = new Map(
      unread.length === 0
        ? []
        : readRecords(contents, unread).map((record, place) => [unread[place] as number, record]),
    );
    const found = numbers.map((number) => (read.get(number) ?? kept.get(number)) as MemoryRecord);
    // What is asked for again is the newest again.
    for (const [place, number] of numbers.entries()) {
      drop(number);
      keep(number, found[place] as MemoryRecord);
    }
    for (const oldest of kept.keys()) {
      if (kept.size <= records && texts <= characters) break;
      drop(oldest);
    }
    return found;
  };
}
