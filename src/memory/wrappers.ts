import { BudgetError, messageOf } from "../errors.js";
import type { Memory, MemoryStats } from "./memory.js";
import { firstCharacters } from "../base/text.js";

const longestRecord = 200_000;

/** A memory that takes at most 200,000 characters (UTF-16 units) a record; what is cut off is said in the record. */
export const limitRecords = (memory: Memory): Memory => ({
  ...memory,
  add: (text, source, call) => memory.add(cut(text), source, call),
});

function cut(text: string): string {
  if (text.length <= longestRecord) return text;
  const kept = firstCharacters(text, longestRecord);
  return `${kept}\n[${text.length - kept.length} more characters were not remembered]`;
}

/**
 * A memory whose failures cost what it would have recalled and not the run; the first one is said through `warn`.
 * Thrown on are an abort of the call's signal, which is no failure, and a limit of the run. What a person asks for (forget, entries, import, reembed, clear) fails as it is.
 */
export function guardMemory(memory: Memory, warn: (message: string) => void): Memory {
  let said = false;
  const attempt = async <Result>(work: Promise<Result>, instead: Result, signal?: AbortSignal): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      if (signal?.aborted || error instanceof BudgetError) throw error;
      if (!said) warn(`Memory failed, and the run goes on without it: ${messageOf(error)}`);
      said = true;
      return instead;
    }
  };
  return {
    add: (text, source, call) => attempt(memory.add(text, source, call), undefined, call.signal),
    addMany: (records, call) => attempt(memory.addMany(records, call), [], call.signal),
    recall: (query, options, call) => attempt(memory.recall(query, options, call), [], call.signal),
    stats: () => attempt(memory.stats(), unavailable),
    close: () => attempt(memory.close(), undefined),
    forget: (filter) => memory.forget(filter),
    entries: () => memory.entries(),
    import: (records, call) => memory.import(records, call),
    reembed: (embedding, call, progress) => memory.reembed(embedding, call, progress),
    clear: () => memory.clear(),
  };
}

const unavailable: MemoryStats = {
  backend: "unavailable",
  records: 0,
  embeddingModel: null,
  dimension: null,
  bytes: null,
  detail: null,
};
