import { BudgetError, messageForPerson } from "../errors.js";
import { firstCharacters } from "../base/text.js";
import type { GuardedMemory, Memory, MemoryStats, NewRecord, OpenedMemory } from "./memory.js";

/** The memory with a change made to every record that is added or imported. */
export const onRecords = (memory: OpenedMemory, change: (record: NewRecord) => NewRecord): OpenedMemory => ({
  ...memory,
  add(text, source, ...rest) {
    const changed = change({ text, source });
    return memory.add(changed.text, changed.source, ...rest);
  },
  addMany: (records, call) => memory.addMany(records.map(change), call),
  async import(records, call) {
    const changed = async function* () {
      for await (const record of records) yield { ...record, ...change({ text: record.text, source: record.source }) };
    };
    return memory.import(changed(), call);
  },
});

const longestRecord = 200_000;

/**
 * The memory with records cut to 200,000 characters (UTF-16 units); a line at the end says how many are missing. Half a
 * surrogate pair, which no service takes, becomes U+FFFD.
 */
export const limitRecords = (memory: OpenedMemory): OpenedMemory =>
  onRecords(memory, ({ text, source }) => ({ text: cut(text.toWellFormed()), source }));

function cut(text: string): string {
  if (text.length <= longestRecord) return text;
  const kept = firstCharacters(text, longestRecord);
  return `${kept}\n[${text.length - kept.length} more characters were not remembered]`;
}

/**
 * A memory whose failures do not end the run; the first one is said through `warn`. Two things are thrown on: an abort
 * of the call's signal, which is no failure, and a limit of the run that leaves nothing for a last step either.
 */
export function guardMemory(memory: Memory, warn: (message: string) => void): GuardedMemory {
  let said = false;
  const attempt = async <Result>(work: Promise<Result>, instead: Result, signal?: AbortSignal): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      if (signal?.aborted) throw error;
      // What is held back is for the last step, which is still to come: until then nothing more is remembered.
      if (error instanceof BudgetError) {
        if (error.isHeldBack) return instead;
        throw error;
      }
      if (!said) warn(`Memory failed, and the run goes on without it: ${messageForPerson(error)}`);
      said = true;
      return instead;
    }
  };
  return {
    add: (text, source, call, ...rest) => attempt(memory.add(text, source, call, ...rest), false, call.signal),
    addMany: (records, call) => attempt(memory.addMany(records, call), [], call.signal),
    recall: (query, options, call) => attempt(memory.recall(query, options, call), [], call.signal),
    stats: () => attempt(memory.stats(), unavailable),
    unguarded: memory,
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
