import type { RunLimits, Totals } from "../../history/event-parts.js";
import type { GoalVerdict } from "../../history/goals.js";
import type { Goal } from "../../history/goals.js";
import type { JournalEvent } from "../../history/events.js";
import { openRequests, type OpenRequests } from "../../history/open-requests.js";
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
  judged(verdicts: readonly Pick<GoalVerdict, "verdict" | "guard">[]): void;
  view(): ProgressView;
};

type State = Omit<ProgressView, "elapsedMs"> & {
  /** The command that runs, behind the requests that it makes. */
  command: Wait | null;
  requests: OpenRequests;
};

export function createProgress({ limits, goals, spent, now }: ProgressOptions): Progress {
  let clock = { elapsedMs: 0, at: now() };
  const elapsed = (): number => clock.elapsedMs + now() - clock.at;
  const hasChecks = goals.some(({ checks }) => checks.length > 0);
  const state: State = {
    step: 0,
    limits,
    wait: null,
    totals: spent ?? emptyTotals(),
    granted: 0,
    goals: hasChecks ? { reached: 0, all: goals.length } : null,
    command: null,
    requests: openRequests(),
  };
  return {
    hear(event) {
      clock = { elapsedMs: event.elapsedMs ?? elapsed(), at: now() };
      // What a step leaves for memory is put there beside the next one.
      const isBeside = "step" in event && event.step < state.step;
      if ("step" in event && !isBeside) state.step = event.step;
      count(state, event);
      if (event.type === "goals-checked" && state.goals) state.goals.reached = reachedBy(goals, event.checks);
      const wait = isBeside ? undefined : waitBehind(state, event);
      if (wait !== undefined) state.wait = typeof wait === "string" ? { what: wait, sinceMs: elapsed() } : wait;
      if (event.type === "model-retry" && !isBeside && state.wait) state.wait.forMs = event.waitMs;
      if (event.type === "command-start") state.command = state.wait;
    },
    heard: (what) => void (state.wait = { what: `waiting for ${what}`, sinceMs: elapsed() }),
    grant: (granted) => void (state.granted = Math.max(state.granted, granted)),
    judged(verdicts) {
      if (state.goals) state.goals.reached = verdicts.filter(isReached).length;
    },
    view: () => ({ ...state, elapsedMs: elapsed() }),
  };
}

const isReached = ({ verdict, guard }: Pick<GoalVerdict, "verdict" | "guard">): boolean =>
  !guard && (verdict === "proven" || verdict === "judged");

/** Adds up what was used; a step's end has the whole. */
function count(state: State, event: JournalEvent): void {
  switch (event.type) {
    case "model-requested":
      state.requests.add(event);
      if (event.unpriced) state.totals = { ...state.totals, unpriced: true };
      return;
    case "model-retry":
    case "model-failed":
    case "model-replied": {
      const totals = { ...state.totals, costUsd: state.totals.costUsd + event.costUsd };
      addUsage(totals, event.usage, state.requests.settledBy(event)?.purpose === "embedding");
      state.totals = totals;
      return;
    }
    case "command-start":
      state.granted = Math.max(0, state.granted - 1);
      return;
    case "step-end":
      state.totals = event.totals;
      state.command = null;
      return;
    default:
  }
}

/** What is waited for behind an event: what begins now, or what goes on; undefined where the event changes nothing. */
function waitBehind({ command }: State, event: JournalEvent): string | Wait | null | undefined {
  switch (event.type) {
    case "context-built":
      return "thinking";
    case "model-requested":
      return doing.get(event.purpose) ?? "asking a model";
    case "model-retry":
      return "waiting for the server";
    case "model-failed":
    case "model-replied":
      return command;
    case "command-asked":
    case "run-end":
      return null;
    case "command-start":
      return `running ${event.command.name}`;
    case "step-end":
      return "remembering";
    case "step-remembered":
      return "recalling";
    default:
      return undefined;
  }
}

const doing: ReadonlyMap<string, string> = new Map([
  ["think", "thinking"],
  ["summary", "summarizing"],
  ["agent", "asking a sub-agent"],
  ["code", "asking about code"],
  ["check", "asking about a goal"],
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
