import type { StopReason } from "../errors.js";
import type { Step } from "./events.js";
import type { KeptReasoning } from "./event-parts.js";
import type { RecordedRun, StartedCommand } from "./read-run.js";

/**
 * Where a run goes on: its finished steps, a step whose command was started and not finished, a reply that was paid for and not
 * used, and why nothing is left to do, where the last step ended the run and only its end is missing.
 */
export type ResumePoint = {
  steps: Step[];
  interrupted: InterruptedStep | null;
  unusedReply: string | null;
  /** What the model thought before that reply. */
  reasoning?: KeptReasoning;
  stopped: StopReason | null;
  /** Finished steps that never reached memory. */
  forgotten: Step[];
};

/** A step that was cut short: its reply, its command as it was started, and what that was to leave behind. */
export type InterruptedStep = StartedCommand & Pick<Step, "step" | "text" | "reasoning">;

/** Whether a run came to its end by itself, so that nothing is left to resume. */
export const isCompleted = (run: RecordedRun): boolean => run.end !== null && isCompletedEnd(run.end);

/** The same of an end by itself. */
export const isCompletedEnd = ({ exitCode }: { exitCode: unknown }): boolean => exitCode === 0 || exitCode === 3;

/**
 * Whether a run was refused by its settings before its first step: it can be resumed, and would end so again, while a new one loses
 * nothing. So it is not proposed.
 */
export const isRefusal = ({ reason, steps }: { reason?: unknown; steps?: unknown }): boolean =>
  reason === "settings" && steps === 0;

/** Where to go on. A whole reply whose command has not started is used instead of asking again. */
export function resumePoint({ steps, open, end, endedAfter, remembered }: RecordedRun): ResumePoint {
  // A step for which the run has ended before is over: whoever went on since did so behind it.
  const stopped = end === null && steps.length > endedAfter ? (steps.at(-1)?.result.stop ?? null) : null;
  const forgotten = steps.filter(({ step }) => !remembered.has(step));
  const point: ResumePoint = { steps, interrupted: null, unusedReply: null, stopped, forgotten };
  if (!open || open.step !== steps.length + 1) return point;
  const { step, text, started, cutOff, reasoning } = open;
  const thought = reasoning && { reasoning };
  if (!started) return cutOff ? point : { ...point, unusedReply: text, ...thought };
  return { ...point, steps: [...steps], interrupted: { step, text, ...thought, ...started } };
}
