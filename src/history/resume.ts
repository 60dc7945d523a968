import type { StopReason } from "../errors.js";
import type { Step } from "./events.js";
import type { RecordedRun } from "./read-run.js";

/**
 * Where a run goes on: its finished steps, a step that a crash cut short, a reply that was paid for and not used, and why
 * nothing is left to do, where the last step ended the run and only its end is missing.
 */
export type ResumePoint = {
  steps: Step[];
  interrupted: Step | null;
  unusedReply: string | null;
  stopped: StopReason | null;
  /** Finished steps that never reached memory. */
  forgotten: Step[];
};

/** Whether a run came to its end by itself, so that nothing is left to resume. */
export const isCompleted = (run: RecordedRun): boolean => run.end !== null && isCompletedEnd(run.end);

/** The same of an end by itself. */
export const isCompletedEnd = ({ exitCode }: { exitCode: unknown }): boolean => exitCode === 0 || exitCode === 3;

/**
 * Where to go on. A command that started and has no result is never run again by itself: the model is told that it may or
 * may not have happened. A whole reply whose command has not started is used instead of asking again.
 */
export function resumePoint({ steps, open, end, remembered }: RecordedRun): ResumePoint {
  const stopped = end === null ? (steps.at(-1)?.result.stop ?? null) : null;
  const forgotten = steps.filter(({ step }) => !remembered.has(step));
  const point: ResumePoint = { steps, interrupted: null, unusedReply: null, stopped, forgotten };
  if (!open || open.step !== steps.length + 1) return point;
  if (!open.started) return { ...point, unusedReply: open.cutOff ? null : open.text };
  const { name } = open.started;
  const text = `Command ${name} returned: Error: the program was ended while this command was running. It may or may not have happened: look before you repeat it.`;
  const result = { ok: false, text };
  const interrupted: Step = { step: open.step, text: open.text, command: open.started, outcome: "unfinished", result };
  return { ...point, steps: [...steps], interrupted };
}
