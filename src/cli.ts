import { onEarlyEnd } from "./console/early-end.js";
import { onInterruption } from "./console/interruption.js";
import { messageOf, RunError } from "./errors.js";
import { main, reportFailure, writeFault, type Surroundings } from "./main.js";

// Until an end is known: whatever lets the process end before that, it has not succeeded.
process.exitCode = 1;
void start(process.argv.slice(2));

/** The program as a process: its arguments, environment, streams, signals and exit code. */
async function start(args: readonly string[]): Promise<void> {
  outliveOutputs();
  const interruption = onInterruption(() => process.exit(130));
  let run: string | null = null;
  const earlyEnd = onEarlyEnd(
    (last) => interruption.stop(neverDecided(last)),
    (last) => void reportFailure(neverDecided(last), args, run, surroundings).finally(() => process.exit(1)),
  );
  const surroundings: Surroundings = {
    cwd: process.cwd(),
    environment: process.env,
    streams: process,
    interruption,
    onRun: (name) => (run = name),
    heard: earlyEnd.heard,
  };
  // What nobody awaited, or an event's listener threw.
  process.once(
    "uncaughtException",
    (thrown) => void writeFault(thrown, run, surroundings).finally(() => process.exit(1)),
  );
  process.exitCode = await main(args, surroundings);
  earlyEnd.release();
  interruption.release();
}

const neverDecided = (last: string): RunError =>
  new RunError(
    "fault",
    `A fault of this program: nothing was left that could go on, although it was not finished (last: ${last}). ` +
      "autogpt --resume goes on with the run, if one had begun.",
  );

/** An output that is closed early (`autogpt | head`) or full does not end the run: only nobody sees it. */
function outliveOutputs(): void {
  let said = false;
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (said || error.code === "EPIPE") return;
    said = true;
    process.stderr.write(`Standard output cannot be written: ${messageOf(error)}. The journal has everything.\n`);
  });
}
