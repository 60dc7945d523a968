import type { Command } from "../commands/command.js";
import { RunError, messageForPerson, messageOf, type StopReason } from "../errors.js";
import type { RunEnd, Step } from "../history/events.js";
import { emptyTotals } from "../history/totals.js";

const mostNotUnderstood = 5;
const mostUnusable = 10;
const mostRefusedCompletions = 5;

const exitCodes: Record<StopReason, number> = {
  "task-complete": 0,
  "user-stopped": 4,
  blocked: 4,
  "bad-replies": 4,
  interrupted: 130,
  terminated: 143,
  "limit-steps": 5,
  "limit-cost": 5,
  "limit-tokens": 5,
  "limit-time": 5,
  "service-failed": 7,
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
  const recent = steps.slice(since);
  const stop = recent.at(-1)?.result.stop;
  if (stop) return stop;
  if (signal.aborted) return reasonForFailure(signal.reason).reason;
  if (trailing(recent, (step) => step.outcome === "not-understood") >= mostNotUnderstood) return "bad-replies";
  if (trailing(recent, (step) => step.outcome.startsWith("not-")) >= mostUnusable) return "bad-replies";
  if (refusedCompletions(recent, commands) >= mostRefusedCompletions) return "blocked";
  if (limitSteps !== null && steps.length >= limitSteps) return "limit-steps";
  return null;
}

function trailing(steps: readonly Step[], matches: (step: Step) => boolean): number {
  const other = steps.findLastIndex((step) => !matches(step));
  return steps.length - 1 - other;
}

/** Claims of completion that the checks refused since a file last changed. */
function refusedCompletions(steps: readonly Step[], commands: ReadonlyMap<string, Command>): number {
  const lastChange = steps.findLastIndex((step) => step.result.changed === true);
  return steps
    .slice(lastChange + 1)
    .filter((step) => step.outcome === "ran" && !step.result.ok && step.command !== null)
    .filter((step) => commands.get(step.command?.name ?? "")?.effect === "ends the run").length;
}

/** What a failure means for the run. Whatever is not one of our own errors is a fault of this program. */
export function reasonForFailure(thrown: unknown): { reason: StopReason; message: string } {
  if (thrown instanceof RunError) return { reason: thrown.reason, message: messageForPerson(thrown) };
  return { reason: "fault", message: `A fault of this program: ${messageOf(thrown)}` };
}
