import { BudgetError, messageOf } from "../errors.js";
import type { Memory } from "./memory.js";

/**
 * A memory whose failures cost what it would have recalled and not the run; the first one is said through `warn`.
 * Thrown on are an abort of the call's signal, which is no failure, and a limit of the run. `clear` fails as it is.
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
    recall: (query, options, call) => attempt(memory.recall(query, options, call), [], call.signal),
    stats: () => attempt(memory.stats(), { backend: "unavailable", records: 0, embeddingModel: null, dimension: null }),
    clear: () => memory.clear(),
    close: () => attempt(memory.close(), undefined),
  };
}
