import { exitCodeOf, reasonForFailure, unbegunEnd } from "./agent/stop.js";
import { escapeText } from "./base/escape.js";
import { createMask } from "./base/mask.js";
import { resumeHint, type Interruption } from "./console/interruption.js";
import type { Streams } from "./console/streams.js";
import { RunError } from "./errors.js";
import type { RunEnd } from "./history/events.js";
import { run } from "./run/run.js";
import { createProgram, parseProgram, settingsFromFlags } from "./settings/flags.js";
import { knownSecrets, loadSettings } from "./settings/load.js";
import { addSubcommands } from "./subcommands/declare.js";
import { packageFacts } from "./version.js";

/** What the program is started with, besides its arguments. */
export type Surroundings = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  interruption: Pick<Interruption, "signal" | "stop">;
};

/**
 * The command line: flags → settings → agent → run → exit code. Never rejects. It writes to these streams and to its
 * files, and does nothing to the process that it runs in.
 */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { cwd, environment, streams, interruption } = surroundings;
  const { version } = packageFacts();
  const program = await createProgram(version, (text) => void streams.stdout.write(text));
  const load = () => loadSettings({ flags: settingsFromFlags(program.opts()), cwd, environment });
  let exitCode = 0;
  program.action(async () => {
    const end = await run({ version, ...surroundings }, await load());
    sayEnd(end, streams);
    exitCode = end.exitCode;
  });
  addSubcommands(program, {
    cwd,
    environment,
    streams,
    load,
    signal: interruption.signal,
    finish: (code) => (exitCode = code),
  });
  try {
    await parseProgram(program, args);
  } catch (thrown) {
    exitCode = await report(thrown, args, surroundings);
  }
  return exitCode;
}

/** Says on standard error why the run ended, and how to go on where it was interrupted. */
function sayEnd({ message, reason }: RunEnd, { stderr }: Streams): void {
  const sentences = [message, resumeHint(reason)].filter((sentence) => typeof sentence === "string");
  if (sentences.length > 0) stderr.write(`${escapeText(sentences.join(" "))}\n`);
}

/** Says on standard error why nothing ran, without secrets; with a json format a run-end record says it too. */
async function report(thrown: unknown, args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { cwd, environment, streams, interruption } = surroundings;
  const { signal } = interruption;
  const mask = createMask(await knownSecrets(cwd, environment));
  const failure = reasonForFailure(signal.aborted ? signal.reason : thrown);
  const { reason } = failure;
  const message = mask(failure.message);
  streams.stderr.write(`${escapeText(message)}\n`);
  const unforeseen = reason === "fault" && thrown instanceof Error && !(thrown instanceof RunError);
  if (unforeseen && thrown.stack) streams.stderr.write(`${mask(thrown.stack)}\n`);
  const exitCode = exitCodeOf(reason);
  if (/(^|\n)--output-format[\n=](stream-)?json(\n|$)/i.test(args.join("\n"))) {
    const end = unbegunEnd(reason, message);
    streams.stdout.write(`${JSON.stringify({ seq: 1, time: new Date().toISOString(), ...end })}\n`);
  }
  return exitCode;
}
