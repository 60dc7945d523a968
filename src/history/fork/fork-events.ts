import type { JournalEvent } from "../events.js";
import { emptyTotals, noUsage } from "../totals.js";
import { lineWithSum } from "../../storage/line-sum.js";
import { runOf } from "../read-run.js";

export type Fork = {
  /** The name of the new run. */
  run: string;
  /** The version of the program that makes it. */
  version: string;
  /** The step after which it goes on; 0 is before the first. */
  step: number;
  now: Date;
};

/** What of a step, and of what stood before it, a new run takes over. What was asked of models and paid for is none of it. */
const taken: ReadonlySet<JournalEvent["type"]> = new Set([
  "run-start",
  "goals-checked",
  "model-replied",
  "reply-parsed",
  "command-asked",
  "command-start",
  "agent-message",
  "agent-deleted",
  "step-end",
  "step-remembered",
  "circle-found",
  "context-tainted",
  "effect-stopped",
]);

/**
 * The lines of the journal of a new run that goes on behind a step of another one, of which these are the events: what happened up to
 * there, with its times, numbered anew, and as if nothing had been paid for it. The run's limits begin anew, that of steps behind
 * those that it takes over.
 */
export function forkedLines(events: readonly JournalEvent[], fork: Fork): string[] {
  const end = events.findIndex((event) => event.type === "step-end" && event.step === fork.step);
  const upTo = fork.step === 0 ? beforeFirstStep(events) : end + 1;
  const before = runOf({ events: events.slice(0, upTo), validBytes: 0 });
  const behind = events.slice(upTo).filter((event) => isAbout(event, fork.step));
  return [...events.slice(0, upTo), ...behind]
    .filter(({ type }) => taken.has(type))
    .flatMap((event) => {
      const own = ownOf(event, before, fork);
      return own === null ? [] : [own];
    })
    .map((event, index) => lineWithSum({ ...event, seq: index + 1 }));
}

/** What is found out about a step after its end. */
const isAbout = (event: JournalEvent, last: number): boolean =>
  (event.type === "step-remembered" || event.type === "circle-found") && event.step <= last;

function beforeFirstStep(events: readonly JournalEvent[]): number {
  const first = events.findIndex((event) => "step" in event && event.type !== "run-resumed" && event.step > 0);
  return first === -1 ? events.length : first;
}

type Before = ReturnType<typeof runOf>;

/** An event as the new run has it; null for one that it has no use for. */
function ownOf(event: JournalEvent, before: Before, fork: Fork): object | null {
  const own = { ...without(event, ["together", "sum"]), elapsedMs: 0 };
  switch (event.type) {
    case "run-start":
      return startOf(before, fork);
    case "model-replied":
      return event.purpose === "think" ? { ...without(own, ["replaces"]), usage: noUsage, costUsd: 0 } : null;
    case "command-start":
      return without(own, ["allowed"]);
    case "step-end":
      // The new run goes on, whatever ended the old one.
      return { ...own, result: without(event.result, ["stop"]), totals: emptyTotals() };
    default:
      return own;
  }
}

/** What the run was to be at that step, and where it comes from. */
function startOf({ run, start, limits, continuous, onApproval, approve }: Before, fork: Fork): object {
  const { forkedFrom } = start;
  const earlier = forkedFrom === undefined ? [] : [without(forkedFrom, ["earlier"]), ...(forkedFrom.earlier ?? [])];
  const { steps } = limits;
  return {
    seq: 1,
    time: fork.now.toISOString(),
    elapsedMs: 0,
    ...without(start, ["seq", "time", "elapsedMs", "sum", "approve"]),
    ...{ run: fork.run, version: fork.version, continuous },
    limits: { ...limits, steps: steps === null ? null : steps - (forkedFrom?.step ?? 0) + fork.step },
    ...(onApproval !== undefined && { onApproval }),
    // As they were at that step: what was added or withdrawn on the way counts.
    ...(approve.length > 0 && { approve }),
    forkedFrom: { run, step: fork.step, ...(earlier.length > 0 && { earlier }) },
  };
}

const without = (event: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(event).filter(([name]) => !names.includes(name)));
