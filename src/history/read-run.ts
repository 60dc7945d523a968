import type { Totals, Usage } from "../model/model.js";
import type { CommandCall } from "../reply/format.js";
import type { SubagentEvent } from "../subagents/subagents.js";
import { emptyTotals, type JournalEvent, type RunLimits, type RunEnd, type RunStart, type Step } from "./events.js";
import { readEvents } from "./read-events.js";
import { journalFile } from "./run-log.js";

/** A step that was begun and not ended: its reply, whether that was cut off, and the command, if one started. */
export type OpenStep = { step: number; text: string; cutOff: boolean; started: CommandCall | null };

/** A run as its journal tells it. */
export type RecordedRun = {
  run: string;
  start: RunStart & { time: string };
  limits: RunLimits;
  continuous: boolean;
  steps: Step[];
  open: OpenStep | null;
  /** The last step that is known to be in memory. */
  remembered: number;
  /** What was spent, with every reservation that was never settled counted as spent. */
  spent: Totals;
  /** How long the run's processes lived, in milliseconds. */
  durationMs: number;
  subagents: SubagentEvent[];
  end: RunEnd | null;
  lastSeq: number;
  /** Length of the journal without a torn last line, in bytes. */
  validBytes: number;
};

/** Rebuilds a run from its journal alone. Throws SettingsError for a journal that is damaged, or none of ours. */
export async function readRun(runDirectory: string): Promise<RecordedRun> {
  const { events, validBytes } = await readEvents(journalFile(runDirectory));
  const start = events[0] as JournalEvent & RunStart;
  const run: RecordedRun = {
    run: start.run,
    start,
    limits: start.limits,
    continuous: start.continuous,
    steps: [],
    open: null,
    remembered: 0,
    spent: emptyTotals(),
    durationMs: 0,
    subagents: [],
    end: null,
    lastSeq: start.seq,
    validBytes,
  };
  const books = createUsageReader(run);
  for (const event of events) {
    run.lastSeq = event.seq;
    follow(run, event);
    books.follow(event);
  }
  books.close();
  return run;
}

function follow(run: RecordedRun, event: JournalEvent): void {
  switch (event.type) {
    case "run-resumed":
      run.limits = event.limits;
      run.continuous = event.continuous;
      run.end = null;
      break;
    case "model-replied":
      if (event.purpose !== "think") break;
      run.open = { step: event.step, text: event.text ?? "", cutOff: event.finishReason === "length", started: null };
      break;
    case "command-start":
      run.open = { step: event.step, text: run.open?.text ?? "", cutOff: false, started: event.command };
      break;
    case "step-end": {
      const { step, command, outcome, result } = event;
      run.steps.push({ step, command, outcome, result, text: run.open?.text ?? "" });
      run.open = null;
      break;
    }
    case "step-remembered":
      run.remembered = event.step;
      break;
    case "agent-message":
    case "agent-deleted":
      run.subagents.push(event);
      break;
    case "run-end":
      run.end = event;
      break;
    default:
  }
}

/** Adds up time and money; a request that was journalled and never settled counts with all that was reserved for it. */
function createUsageReader(run: RecordedRun): { follow(event: JournalEvent): void; close(): void } {
  let unsettled: { reservedUsd: number; reservedTokens: number; embedding: boolean }[] = [];
  let processStart = 0;
  let lastTime = 0;
  const settle = (usage: Usage, costUsd: number): void => {
    const embedding = unsettled.shift()?.embedding ?? false;
    charge(run.spent, usage, costUsd, embedding);
  };
  const lose = (): void => {
    for (const { reservedUsd, reservedTokens, embedding } of unsettled) {
      const usage = { promptTokens: reservedTokens, cachedTokens: 0, completionTokens: 0 };
      charge(run.spent, usage, reservedUsd, embedding);
    }
    unsettled = [];
    // A clock that was set back takes nothing from the time that was used.
    run.durationMs += Math.max(0, lastTime - processStart);
  };
  return {
    follow(event) {
      const time = Date.parse(event.time);
      if (event.type === "run-start") processStart = time;
      if (event.type === "run-resumed") {
        lose();
        processStart = time;
      }
      lastTime = time;
      if (event.type === "model-requested") {
        run.spent.requests += 1;
        unsettled.push({ ...event, embedding: event.purpose === "embedding" });
      } else if (isSettlement(event)) settle(event.usage, event.costUsd);
      else if (event.type === "run-end") {
        run.spent = { ...event.usage };
        unsettled = [];
      }
    },
    close: lose,
  };
}

type Settlement = Extract<JournalEvent, { type: "model-replied" | "model-retry" | "model-failed" }>;

const isSettlement = (event: JournalEvent): event is Settlement =>
  event.type === "model-replied" || event.type === "model-retry" || event.type === "model-failed";

function charge(totals: Totals, usage: Usage, costUsd: number, embedding: boolean): void {
  totals.costUsd += costUsd;
  if (embedding) totals.embeddingTokens += usage.promptTokens;
  else {
    totals.promptTokens += usage.promptTokens;
    totals.cachedTokens += usage.cachedTokens;
    totals.completionTokens += usage.completionTokens;
  }
}
