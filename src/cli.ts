import { commandLine } from "./base/process/command-line.js";
import { endWithParent } from "./base/process/ends-with-parent.js";
import { currentFolder } from "./base/process/own-program.js";
import { endsWithParent, runOfFleet } from "./base/process/started-by-run.js";
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
  // A run of `autogpt mcp serve` ends as at SIGTERM where the server was killed: nobody would answer it or stop it.
  if (process.env[endsWithParent] !== undefined)
    endWithParent(() => interruption.stop(new RunError("terminated", "The program that started this run has ended.")));
  const abandoned = new AbortController();
  let run: string | null = null;
  let end: { exitCode: number } | null = null;
  const giveUp = (waited: string): void => {
    // A run whose end is in its journal has that end, whatever was still to be closed.
    if (end !== null) process.exit(end.exitCode);
    void reportFailure(neverDecided(waited), args, run, surroundings).then(
      (code) => process.exit(code),
      () => process.exit(1),
    );
  };
  const earlyEnd = onEarlyEnd([
    (waited) => interruption.stop(neverDecided(waited)),
    (waited) => abandoned.abort(neverDecided(waited)),
    giveUp,
  ]);
  const surroundings: Surroundings = {
    cwd: currentFolder(),
    environment: process.env,
    streams: process,
    interruption: { ...interruption, abandoned: abandoned.signal },
    onRun: (name) => (run = name),
    onEnd: (given) => (end = given),
    heard: earlyEnd.heard,
    ...(await replicaOfFleet()),
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

/** A run that a worker of the fleet has started has a copy of its journal there. */
async function replicaOfFleet(): Promise<Pick<Surroundings, "replica">> {
  const run = process.env[runOfFleet];
  if (run === undefined || process.channel === undefined) return {};
  const { openReplica } = await import("./fleet/child/open-replica.js");
  return { replica: openReplica(run, process) };
}

const neverDecided = (waited: string): RunError =>
  new RunError(
    "fault",
    `A fault of this program: it waited for ${waited}, and nothing was left that could bring that. ` +
      `${commandLine("--resume")} goes on with the run, if one had begun.`,
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
