import type { Totals, Usage } from "./event-parts.js";
import type { JournalEvent } from "./events.js";
import { addUsage, emptyTotals, noUsage } from "./totals.js";

export type RecordedUsage = {
  /** What was spent, with every reservation that was never settled counted as spent. */
  spent: Totals;
  /** How long the run's processes worked, in milliseconds. */
  durationMs: number;
};

type Unsettled = { reservedUsd: number; reservedTokens: number; embedding: boolean };

/** Adds up time and money; a request that was journalled and never settled counts with all that was reserved for it. */
export function readUsage(events: readonly JournalEvent[]): RecordedUsage {
  let spent = emptyTotals();
  let durationMs = 0;
  let unsettled: Unsettled[] = [];
  let processStart = 0;
  let lastTime = 0;
  let elapsedMs: number | undefined;
  const endProcess = (): void => {
    for (const { reservedUsd, reservedTokens, embedding } of unsettled)
      charge(spent, { ...noUsage, promptTokens: reservedTokens, estimated: true }, reservedUsd, embedding);
    unsettled = [];
    // Older versions wrote the machine's clock alone; one that was set back takes nothing from the time that was used.
    durationMs = elapsedMs ?? durationMs + Math.max(0, lastTime - processStart);
  };
  for (const event of events) {
    const time = Date.parse(event.time);
    if (event.type === "run-resumed") endProcess();
    if (event.type === "run-start" || event.type === "run-resumed") processStart = time;
    lastTime = time;
    elapsedMs = event.elapsedMs;
    if (event.type === "model-requested") {
      spent.requests += 1;
      unsettled.push({ ...event, embedding: event.purpose === "embedding" });
    } else if (isSettlement(event)) {
      charge(spent, event.usage, event.costUsd, unsettled.shift()?.embedding ?? false);
    } else if (event.type === "run-end") {
      spent = { ...emptyTotals(), ...event.usage };
      unsettled = [];
    }
  }
  endProcess();
  return { spent, durationMs };
}

type Settlement = Extract<JournalEvent, { type: "model-replied" | "model-retry" | "model-failed" }>;

const isSettlement = (event: JournalEvent): event is Settlement =>
  event.type === "model-replied" || event.type === "model-retry" || event.type === "model-failed";

function charge(totals: Totals, usage: Usage, costUsd: number, embedding: boolean): void {
  totals.costUsd += costUsd;
  addUsage(totals, usage, embedding);
}
