import { keepRecent } from "../../base/keeping/keep-recent.js";
import type { MemoryRecord } from "../memory.js";
import { fileOf, readRecords } from "./contents.js";

/** How many characters the texts of the kept records have at the least, and for how many a record counts besides. */
const usualRoom = { characters: 500_000, besides: 1_000 };

/**
 * Reads records as `readRecords` does, and keeps those that were asked for last: a step recalls for the most part what the step
 * before it did. Another file of records begins anew.
 */
export function createRecordReader({ characters, besides } = usualRoom): typeof readRecords {
  let file = "";
  const kept = keepRecent<number, MemoryRecord>(characters, ({ text }) => text.length + besides);
  return (contents, numbers) => {
    const now = fileOf(contents);
    if (now !== file) kept.clear();
    file = now;
    const found = numbers.map((number) => kept.get(number));
    const unread = numbers.filter((_, place) => found[place] === undefined);
    if (unread.length === 0) return found as MemoryRecord[];
    const read = readRecords(contents, unread);
    for (const [place, record] of read.entries()) kept.set(unread[place] as number, record);
    let next = 0;
    return found.map((record) => record ?? (read[next++] as MemoryRecord));
  };
}
