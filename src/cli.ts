import { exitCodeOf, reasonForFailure, unbegunEnd } from "./agent/stop.js";
import { escapeText } from "./base/escape.js";
import { faultReport, type FaultFacts } from "./console/fault-report.js";
import { onInterruption, resumeHint } from "./console/interruption.js";
import { messageOf, RunError } from "./errors.js";
import type { RunEnd } from "./history/events.js";
import { createMask } from "./base/mask.js";
import { run } from "./run/run.js";
import { createProgram, parseProgram, settingsFromFlags } from "./settings/flags.js";
import { knownSecrets, loadSettings } from "./settings/load.js";
import { addSubcommands } from "./subcommands/declare.js";
import { packageFacts } from "./version.js";

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});

/** Flags → settings → agent → run → exit code. */
async function main(args: readonly string[]): Promise<number> {
  outliveOutputs();
  const interruption = onInterruption(() => process.exit(130));
  const cwd = process.cwd();
  const facts = { ...packageFacts(), run: null as string | null };
  const sayFault = (thrown: unknown): Promise<void> => writeFault(thrown, facts, cwd);
  // What nobody awaited, or an event's listener threw.
  process.once("uncaughtException", (thrown) => void sayFault(thrown).finally(() => process.exit(1)));
  const program = await createProgram(facts.version, (text) => void process.stdout.write(text));
  let exitCode = 0;
  program.action(async () => {
    const loaded = await loadSettings({ flags: settingsFromFlags(program.opts()) });
    const faults: unknown[] = [];
    const end = await run(
      {
        version: facts.version,
        cwd,
        interruption,
        onRun: (name) => (facts.run = name),
        onFault: (thrown) => void faults.push(thrown),
      },
      loaded,
    );
    sayEnd(end);
    for (const thrown of faults) await sayFault(thrown);
    exitCode = end.exitCode;
  });
  addSubcommands(program, { cwd, signal: interruption.signal, finish: (code) => (exitCode = code) });
  try {
    await parseProgram(program, args);
  } catch (thrown) {
    exitCode = await report(thrown, args, { cwd, signal: interruption.signal, sayFault });
  } finally {
    interruption.release();
  }
  return exitCode;
}

/** Says on standard error why the run ended, and how to go on where it was interrupted. */
function sayEnd({ message, reason }: RunEnd): void {
  const sentences = [message, resumeHint(reason)].filter((sentence) => typeof sentence === "string");
  if (sentences.length > 0) process.stderr.write(`${escapeText(sentences.join(" "))}\n`);
}

type Circumstances = { cwd: string; signal: AbortSignal; sayFault(thrown: unknown): Promise<void> };

/** Writes to standard error what a report of a fault needs, without secrets. */
async function writeFault(thrown: unknown, facts: FaultFacts, cwd: string): Promise<void> {
  const mask = createMask(await knownSecrets(cwd));
  process.stderr.write(`${escapeText(mask(faultReport(thrown, facts)))}\n`);
}

/** Says on standard error why nothing ran, without secrets; with a json format a run-end record says it too. */
async function report(thrown: unknown, args: readonly string[], circumstances: Circumstances): Promise<number> {
  const { cwd, signal, sayFault } = circumstances;
  const mask = createMask(await knownSecrets(cwd));
  const failure = reasonForFailure(signal.aborted ? signal.reason : thrown);
  const { reason } = failure;
  const message = mask(failure.message);
  process.stderr.write(`${escapeText(message)}\n`);
  if (reason === "fault" && !(thrown instanceof RunError)) await sayFault(thrown);
  const exitCode = exitCodeOf(reason);
  if (/(^|\n)--output-format[\n=](stream-)?json(\n|$)/i.test(args.join("\n"))) {
    const end = unbegunEnd(reason, message);
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
