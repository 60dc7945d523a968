import { setFlagsFromString } from "node:v8";
import { exitCodeOf, reasonForFailure } from "./agent/stop.js";
import { escapeControls } from "./console/escape.js";
import { onInterruption } from "./console/interruption.js";
import { messageOf, RunError } from "./errors.js";
import type { RunEnd } from "./history/events.js";
import { emptyTotals } from "./history/read-run.js";
import { run } from "./run.js";
import { createProgram, parseProgram, settingsFromFlags } from "./settings/flags.js";
import { loadSettings } from "./settings/load.js";
import { addSubcommands } from "./subcommands.js";

declare const PACKAGE_VERSION: string;

// On a machine with much memory the heap may grow to several times what is in use before it is cleaned up.
setFlagsFromString("--heap-growing-percent=50");

process.exitCode = await main(process.argv.slice(2));

/** Flags → settings → agent → run → exit code. */
async function main(args: readonly string[]): Promise<number> {
  outliveOutputs();
  const interruption = onInterruption(() => process.exit(130));
  const program = await createProgram(PACKAGE_VERSION, (text) => void process.stdout.write(text));
  let exitCode = 0;
  const cwd = process.cwd();
  program.action(async () => {
    const loaded = await loadSettings({ flags: settingsFromFlags(program.opts()) });
    const end = await run({ version: PACKAGE_VERSION, cwd, interruption }, loaded);
    if (end.message !== undefined) process.stderr.write(`${escapeControls(end.message, { newlines: "keep" })}\n`);
    exitCode = end.exitCode;
  });
  addSubcommands(program, { cwd, signal: interruption.signal, finish: (code) => (exitCode = code) });
  try {
    await parseProgram(program, args);
  } catch (thrown) {
    exitCode = report(thrown, args, interruption.signal);
  } finally {
    interruption.release();
  }
  return exitCode;
}

/** Says on standard error why nothing ran; with a json format a run-end record says it too. */
function report(thrown: unknown, args: readonly string[], signal: AbortSignal): number {
  const { reason, message } = reasonForFailure(signal.aborted ? signal.reason : thrown);
  process.stderr.write(`${escapeControls(message, { newlines: "keep" })}\n`);
  const unforeseen = reason === "fault" && thrown instanceof Error && !(thrown instanceof RunError);
  if (unforeseen && thrown.stack) process.stderr.write(`${thrown.stack}\n`);
  const exitCode = exitCodeOf(reason);
  if (/(^|\n)--output-format[\n=](stream-)?json(\n|$)/i.test(args.join("\n"))) {
    const end: RunEnd = {
      type: "run-end",
      run: null,
      reason,
      exitCode,
      steps: 0,
      goals: [],
      usage: emptyTotals(),
      durationMs: 0,
      message,
    };
    process.stdout.write(`${JSON.stringify({ seq: 1, time: new Date().toISOString(), ...end })}\n`);
  }
  return exitCode;
}

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
