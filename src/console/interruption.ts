import { commandLine } from "../base/process/command-line.js";
import { monotonicMs } from "../base/stopwatch.js";
import { RunError, type StopReason } from "../errors.js";

/** A second Ctrl-C within this time ends the program at once. */
const impatienceMs = 3_000;

/** How to go on with a run that ended for this reason; null unless it was interrupted. */
export const resumeHint = (reason: StopReason): string | null =>
  reason === "interrupted" || reason === "terminated" ? `${commandLine("--resume")} goes on from here.` : null;

export type Interruption = {
  signal: AbortSignal;
  stop(reason: RunError): void;
  /** Lets somebody have a Ctrl-C before the run does: true where it was theirs. */
  first(take: () => boolean): void;
  release(): void;
};

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into an aborted signal: the run ends its step and writes its journal. A Ctrl-C that
 * somebody took for a step is none for the run, but a second one within three seconds is. `now` is called for another one
 * within three seconds after the run was told to end. Returns the signal, and what removes the handlers again.
 */
export function onInterruption(now: () => void): Interruption {
  const controller = new AbortController();
  let take: (() => boolean) | null = null;
  let taken = -Infinity;
  let last = -Infinity;
  const isSoon = (since: number): boolean => monotonicMs() - since < impatienceMs;
  const interrupt = (): void => {
    if (isSoon(last)) return now();
    if (!controller.signal.aborted && !isSoon(taken) && take?.()) {
      taken = monotonicMs();
      return;
    }
    last = monotonicMs();
    controller.abort(new RunError("interrupted", "Interrupted."));
  };
  const terminate = (): void => controller.abort(new RunError("terminated", "Terminated."));
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  process.on("SIGHUP", terminate);
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    first: (given) => void (take = given),
    release() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
      process.off("SIGHUP", terminate);
    },
  };
}
