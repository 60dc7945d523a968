import type { Memory } from "./memory.js";

const longestRecord = 200_000;

/** A memory that takes at most 200,000 characters (UTF-16 units) a record; what is cut off is said in the record. */
export const limitRecords = (memory: Memory): Memory => ({
  ...memory,
  add: (text, source, call) => memory.add(cut(text), source, call),
});

function cut(text: string): string {
  if (text.length <= longestRecord) return text;
  const splitsPair = (text.codePointAt(longestRecord - 1) ?? 0) > 0xffff;
  const kept = text.slice(0, splitsPair ? longestRecord - 1 : longestRecord);
  return `${kept}\n[${text.length - kept.length} more characters were not remembered]`;
}
