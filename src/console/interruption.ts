import { commandLine } from "../base/process/command-line.js";
import { monotonicMs } from "../base/stopwatch.js";
import { RunError } from "../errors.js";
import type { RunEnd } from "../history/events.js";

/** A second Ctrl-C within this time ends the program at once. */
const impatienceMs = 3_000;

/** How to go on with a run that ended so, or why its exit code is not that of success; null where there is nothing to say. */
export function endHint({ reason, exitCode, goals }: Pick<RunEnd, "reason" | "exitCode" | "goals">): string | null {
  if (reason === "interrupted" || reason === "terminated") return `${commandLine("--resume")} goes on from here.`;
  if (reason === "limit-steps")
    return `To go on, run "${commandLine("--resume")}" with a higher --continuous-limit (-l).`;
  if (reason !== "task-complete" || exitCode === 0) return null;
  const own = goals.filter(({ guard }) => !guard);
  const open = own.filter(({ verdict }) => verdict !== "proven");
  const how = open.every(({ verdict }) => verdict === "judged") ? "judged" : "claimed";
  return (
    `--require-proof asks for goals that checks prove, and ${open.length} of ${own.length} are only ${how}: exit code ${exitCode}. ` +
    "Give each goal checks in ai_settings.yaml."
  );
}

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
