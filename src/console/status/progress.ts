import type { Goal, GoalVerdict, RunLimits, Totals } from "../../history/event-parts.js";
import type { JournalEvent } from "../../history/events.js";
import { addUsage, emptyTotals } from "../../history/totals.js";

/** What goes on, and since when by the run's own clock, in milliseconds. */
export type Wait = { what: string; sinceMs: number; forMs?: number };

export type ProgressView = {
  step: number;
  limits: RunLimits;
  elapsedMs: number;
  wait: Wait | null;
  totals: Totals;
  /** How many more commands may start without a question, after `y -N`. */
  granted: number;
  /** How many goals were found reached when they were looked at last; null where none has checks. */
  goals: { reached: number; all: number } | null;
};

export type ProgressOptions = {
  limits: RunLimits;
  goals: readonly Goal[];
  /** What earlier parts of the run have used. */
  spent: Totals | null;
  /** A clock that nobody sets, in milliseconds. */
  now(): number;
};

/** What is known of a run from its events, for a line that says what goes on. */
export type Progress = {
  hear(event: JournalEvent): void;
  /** Something is waited for that no event says. */
  heard(what: string): void;
  /** So many commands may start without a question, the next one included. */
  grant(count: number): void;
  judged(verdicts: readonly Pick<GoalVerdict, "verdict">[]): void;
  view(): ProgressView;
};

export function createProgress({ limits, goals, spent, now }: ProgressOptions): Progress {
  const began = now();
  let clock = { elapsedMs: 0, at: began };
  const elapsed = (): number => clock.elapsedMs + now() - clock.at;
  const hasChecks = goals.some(({ checks }) => checks.length > 0);
  const state: Omit<ProgressView, "elapsedMs"> = {
    step: 0,
    limits,
    wait: null,
    totals: spent ?? emptyTotals(),
    granted: 0,
    goals: hasChecks ? { reached: 0, all: goals.length } : null,
  };
  let command: Wait | null = null;
  const unsettled: string[] = [];

  const begin = (what: string, forMs?: number): Wait =>
    (state.wait = { what, sinceMs: elapsed(), ...(forMs === undefined ? {} : { forMs }) });
  const settle = ({ usage, costUsd }: Extract<JournalEvent, { costUsd: number }>): void => {
    const totals = { ...state.totals, costUsd: state.totals.costUsd + costUsd };
    addUsage(totals, usage, unsettled.shift() === "embedding");
    state.totals = totals;
  };
  const hear = (event: JournalEvent): void => {
    clock = { elapsedMs: event.elapsedMs ?? elapsed(), at: now() };
    if ("step" in event) state.step = event.step;
    switch (event.type) {
      case "goals-checked":
        if (state.goals) state.goals.reached = reachedBy(goals, event.checks);
        return;
      case "context-built":
        return void begin("thinking");
      case "model-requested":
        unsettled.push(event.purpose);
        if (event.unpriced) state.totals = { ...state.totals, unpriced: true };
        return void begin(doing.get(event.purpose) ?? "asking a model");
      case "model-retry":
        settle(event);
        return void begin("waiting for the server", event.waitMs);
      case "model-failed":
      case "model-replied":
        settle(event);
        state.wait = command;
        return;
      case "command-asked":
      case "run-end":
        state.wait = null;
        return;
      case "command-start":
        state.granted = Math.max(0, state.granted - 1);
        command = begin(`running ${event.command.name}`);
        return;
      case "step-end":
        command = null;
        state.totals = event.totals;
        return void begin("remembering");
      case "step-remembered":
        return void begin("recalling");
      default:
    }
  };
  return {
    hear,
    heard: (what) => void begin(`waiting for ${what}`),
    grant: (count) => void (state.granted = Math.max(state.granted, count)),
    judged(verdicts) {
      if (state.goals) state.goals.reached = verdicts.filter(({ verdict }) => verdict === "proven").length;
    },
    view: () => ({ ...state, elapsedMs: elapsed() }),
  };
}

const doing: ReadonlyMap<string, string> = new Map([
  ["think", "thinking"],
  ["summary", "summarizing"],
  ["agent", "asking a sub-agent"],
  ["code", "asking about code"],
  ["embedding", "asking for embeddings"],
  ["image", "making a picture"],
  ["speech", "speaking"],
]);

/** Checks come goal by goal, in the order of the goals. */
function reachedBy(goals: readonly Goal[], checks: readonly { passed: boolean }[]): number {
  let from = 0;
  return goals.filter((goal) => {
    const own = checks.slice(from, (from += goal.checks.length));
    return own.length > 0 && own.every(({ passed }) => passed);
  }).length;
}
