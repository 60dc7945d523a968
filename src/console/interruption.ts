import { RunError } from "../errors.js";

/** A second Ctrl-C within this time ends the program at once. */
const impatienceMs = 3_000;

const resumeHint = "autogpt --resume goes on from here.";

/**
 * Turns Ctrl-C and SIGTERM into an aborted signal: the run ends its step, writes its journal and says how to resume.
 * `now` is called for a second Ctrl-C within three seconds. Returns the signal, and what removes the handlers again.
 */
export function onInterruption(now: () => void): {
  signal: AbortSignal;
  stop(reason: RunError): void;
  release(): void;
} {
  const controller = new AbortController();
  let last = 0;
  const interrupt = (): void => {
    if (Date.now() - last < impatienceMs) return now();
    last = Date.now();
    controller.abort(new RunError("interrupted", `Interrupted. ${resumeHint}`));
  };
  const terminate = (): void => controller.abort(new RunError("terminated", `Terminated. ${resumeHint}`));
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", terminate);
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    release() {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", terminate);
    },
  };
}
