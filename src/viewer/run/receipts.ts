import type { JournalEvent } from "../../history/events.js";
import type { RecordReceipt, Receipts } from "../shapes.js";

/** Of so many records it is said what became of them: those that were recalled most often. */
const mostListed = 50;

/** What memory took from a run and brought into it, event by event. */
export interface ReceiptBook {
  follow(event: JournalEvent): void;
  all(): Receipts;
}

export function createReceipts(): ReceiptBook {
  let [remembered, recalled] = [0, 0];
  const records = new Map<string, RecordReceipt>();
  return {
    follow(event) {
      if (event.type === "step-remembered") remembered += 1;
      if (event.type !== "context-built") return;
      recalled += event.memories;
      for (const { id, score, source } of event.recalled) {
        const { times = 0, bestScore = score, firstStep = event.step } = records.get(id) ?? {};
        const best = Math.max(bestScore, score);
        records.set(id, { id, source, times: times + 1, bestScore: best, firstStep, lastStep: event.step });
      }
    },
    all() {
      const sorted = [...records.values()].sort(
        (one, other) => other.times - one.times || other.lastStep - one.lastStep,
      );
      return {
        remembered,
        recalled,
        records: sorted.slice(0, mostListed),
        moreRecords: Math.max(0, sorted.length - mostListed),
      };
    },
  };
}
