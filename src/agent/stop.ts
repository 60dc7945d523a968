import type { Command } from "../commands/command.js";
import { RunError, messageForPerson, messageOf, type StopReason } from "../errors.js";
import type { RunEnd, Step } from "../history/events.js";
import { emptyTotals } from "../history/totals.js";
import { withoutVolatile } from "./circles/same-kind.js";

const mostNotUnderstood = 5;
const mostUnusable = 10;
const mostRefusedCompletions = 5;
/** Of claims that are refused with the very same words. */
const mostEqualRefusals = 3;

const exitCodes: Record<StopReason, number> = {
  "task-complete": 0,
  "user-stopped": 4,
  blocked: 4,
  "bad-replies": 4,
  "going-in-circles": 6,
  interrupted: 130,
  terminated: 143,
  "limit-steps": 5,
  "limit-cost": 5,
  "limit-tokens": 5,
  "limit-time": 5,
  "service-failed": 7,
  parked: 75,
  settings: 2,
  fault: 1,
};

/** The program's exit code; `unproven` is a completed run with a goal that is only claimed although proof was asked for. */
export const exitCodeOf = (reason: StopReason, unproven = false): number =>
  reason === "task-complete" && unproven ? 3 : exitCodes[reason];

/** The record of a run that ended before it began. */
export const unbegunEnd = (reason: StopReason, message: string): RunEnd => ({
  type: "run-end",
  run: null,
  reason,
  exitCode: exitCodeOf(reason),
  steps: 0,
  goals: [],
  usage: emptyTotals(),
  durationMs: 0,
  message,
});

/** Whether the run is over before the next step. Counts mistakes from `since` on: a resumed run gets a fresh chance. */
export function reasonToStop(
  steps: readonly Step[],
  since: number,
  limitSteps: number | null,
  commands: ReadonlyMap<string, Command>,
  signal: AbortSignal,
): StopReason | null {
  const stop = steps.length > since ? steps.at(-1)?.result.stop : undefined;
  if (stop) return stop;
  if (signal.aborted) return reasonForFailure(signal.reason).reason;
  if (trailing(steps, since, (step) => step.outcome === "not-understood") >= mostNotUnderstood) return "bad-replies";
  if (trailing(steps, since, (step) => step.outcome.startsWith("not-")) >= mostUnusable) return "bad-replies";
  if (isBlocked(refusedCompletions(steps, since, commands))) return "blocked";
  if (limitSteps !== null && steps.length >= limitSteps) return "limit-steps";
  return null;
}

/** How many of the last steps match, without one in between that does not. */
function trailing(steps: readonly Step[], since: number, matches: (step: Step) => boolean): number {
  let count = 0;
  for (let at = steps.length - 1; at >= since && matches(steps[at] as Step); at -= 1) count += 1;
  return count;
}

/** Several in a row, and sooner where they were refused for the very same reason. */
function isBlocked(refusals: readonly string[]): boolean {
  const last = refusals.slice(0, mostEqualRefusals);
  const areEqual = last.length === mostEqualRefusals && new Set(last).size === 1;
  return areEqual || refusals.length >= mostRefusedCompletions;
}

type Followed = { since: number; commands: ReadonlyMap<string, Command>; next: number; refusals: readonly string[] };

const followed = new WeakMap<readonly Step[], Followed>();

/**
 * What was said to claims of completion that the checks refused since a file last changed, the newest first; no more than matter. Steps are only ever added to one and
 * the same list, so each is looked at once.
 */
function refusedCompletions(
  steps: readonly Step[],
  since: number,
  commands: ReadonlyMap<string, Command>,
): readonly string[] {
  const known = followed.get(steps);
  const isSame = known?.since === since && known.commands === commands && known.next <= steps.length;
  let { next, refusals } = isSame ? known : { next: since, refusals: [] as readonly string[] };
  for (; next < steps.length; next += 1) {
    const { outcome, result, command } = steps[next] as Step;
    const isRefused = outcome === "ran" && !result.ok && command !== null;
    if (result.changed === true) refusals = [];
    else if (isRefused && commands.get(command.name)?.effect === "ends the run")
      refusals = [withoutVolatile(result.text), ...refusals].slice(0, mostRefusedCompletions);
  }
  followed.set(steps, { since, commands, next, refusals });
  return refusals;
}

/** What a failure means for the run. Whatever is not one of our own errors is a fault of this program. */
export function reasonForFailure(thrown: unknown): { reason: StopReason; message: string } {
  if (thrown instanceof RunError) return { reason: thrown.reason, message: messageForPerson(thrown) };
  return { reason: "fault", message: `A fault of this program: ${messageOf(thrown)}` };
}
