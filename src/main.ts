import { exitCodeOf, reasonForFailure, unbegunEnd } from "./agent/stop.js";
import { escapeText } from "./base/escape.js";
import { createMask } from "./base/mask.js";
import { faultReport } from "./console/fault-report.js";
import { endHint, type Interruption } from "./console/interruption.js";
import { fittedTo, type Streams } from "./console/streams.js";
import { RunError } from "./errors.js";
import type { RunEnd } from "./history/events.js";
import { UnknownRunError } from "./history/listing/find-run.js";
import type { Replica } from "./history/lock/replica.js";
import { run } from "./run/run.js";
import { createProgram, settingsFromFlags } from "./settings/flags.js";
import { knownSecrets, loadSettings, requireFolder, type LoadedSettings } from "./settings/load.js";
import { complete, completeWord } from "./subcommands/completion/complete.js";
import { namesMoreThanFlags, parseProgram } from "./settings/parse-program.js";
import { addSubcommands } from "./subcommands/declare.js";
import type { ofFleetIfThere } from "./subcommands/fleet/of-fleet.js";
import { asksForConnection, type connectFirst } from "./subcommands/init/first-connection.js";
import { packageFacts } from "./version.js";

/** What the program is started with, besides its arguments. */
export type Surroundings = {
  /** The current folder; null where it has been removed. */
  cwd: string | null;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  interruption: Pick<Interruption, "signal" | "stop"> &
    Partial<Pick<Interruption, "first">> & { abandoned?: AbortSignal };
  /** Is told the name of the run that is about to begin or go on. */
  onRun?(name: string): void;
  /** Is told how the run ended, once that is in its journal: nothing changes it any more. */
  onEnd?(end: RunEnd): void;
  /** Where a copy of the run's journal is kept, if anywhere. */
  replica?: Replica;
  /** Is told what the program is doing, in a few words. */
  heard?(what: string): void;
};

/**
 * The command line: flags → settings → agent → run → exit code. Never rejects. It writes to these streams and to its
 * files, and does nothing to the process that it runs in.
 */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { environment, streams, interruption, heard } = surroundings;
  const { version } = packageFacts();
  const known: Known = { run: null, end: null };
  const program = await createProgram(version, (text) => void streams.stdout.write(text));
  program.hook("preAction", (_program, action) => {
    requireFolder(surroundings.cwd);
    if (/json/.test(String(program.opts()["outputFormat"])) && action.options.some(({ long }) => long === "--json"))
      action.setOptionValue("json", true);
    heard?.(`autogpt ${action.name()}`);
  });
  // No action is begun without one.
  const cwd = surroundings.cwd ?? "";
  const load = (more: { words?: readonly string[]; fetchKeys?: boolean } = {}) =>
    loadSettings({ flags: settingsFromFlags(program.opts(), more.words), cwd, environment, ...more });
  let exitCode = 0;
  const start = async (words: readonly string[]): Promise<void> => {
    const loaded = await load({ words });
    const choice = asksForConnection(loaded, streams) ? await connect(loaded, streams, interruption.signal) : null;
    exitCode =
      choice?.kind === "demo"
        ? await main(["demo"], surroundings)
        : await runOnce({ ...surroundings, cwd }, known, choice === null ? loaded : await load({ words }));
  };
  program.action(start);
  program
    .command("run [goal...]")
    .description("Start with this goal; what plain autogpt does without one")
    .action(start);
  if (namesMoreThanFlags(program, args))
    addSubcommands(program, {
      ...{ cwd, environment, streams, load, signal: interruption.signal },
      finish: (code) => (exitCode = code),
      goOn: async (loaded) => void (exitCode = await runOnce({ ...surroundings, cwd }, known, loaded)),
    });
  if (args[0] === completeWord) {
    const folders = async () => (await loadSettings({ cwd, environment })).settings;
    streams.stdout.write(await complete(program, args.slice(1), folders));
    return 0;
  }
  try {
    await parseProgram(program, args);
  } catch (thrown) {
    const failure = thrown instanceof UnknownRunError ? await toldOfFleet(thrown, load) : thrown;
    exitCode = await reportFailure(failure, args, known.run, surroundings, known.end);
  }
  return exitCode;
}

const connect: typeof connectFirst = async (...given) =>
  (await import("./subcommands/init/first-connection.js")).connectFirst(...given);

const toldOfFleet: typeof ofFleetIfThere = async (...given) =>
  (await import("./subcommands/fleet/of-fleet.js")).ofFleetIfThere(...given);

/** What is known of the run: its name, and its end once that is in the journal. */
type Known = { run: string | null; end: RunEnd | null };

/** Carries out a run and says how it ended. Resolves to the exit code. */
async function runOnce(
  surroundings: Surroundings & { cwd: string },
  known: Known,
  loaded: LoadedSettings,
): Promise<number> {
  const { streams, heard = () => undefined } = surroundings;
  const faults: unknown[] = [];
  const { end, told } = await run(
    {
      ...surroundings,
      version: packageFacts().version,
      heard,
      onRun(name) {
        known.run = name;
        surroundings.onRun?.(name);
      },
      onEnd(ended) {
        known.end = ended;
        surroundings.onEnd?.(ended);
      },
      onFault: (thrown) => void faults.push(thrown),
    },
    loaded,
  );
  if (!(told && isOwnStop(end))) sayEnd(end, streams);
  for (const thrown of faults) await writeFault(thrown, known.run, surroundings);
  return end.exitCode;
}

/** Whether the person who reads the last lines has ended the run: they say all that there is to say. */
const isOwnStop = ({ reason }: RunEnd): boolean => reason === "user-stopped" || reason === "interrupted";

/** Says on standard error why the run ended, and how to go on. */
function sayEnd(end: RunEnd, { stderr }: Streams): void {
  const sentences = [end.message, endHint(end)].filter((sentence) => typeof sentence === "string");
  if (sentences.length > 0) stderr.write(`${fittedTo(stderr, escapeText(sentences.join(" ")))}\n`);
}

/** Writes to standard error what a report of a fault needs, without secrets. */
export async function writeFault(thrown: unknown, run: string | null, surroundings: Surroundings): Promise<void> {
  const { cwd, environment, streams } = surroundings;
  const mask = createMask(await knownSecrets(cwd, environment));
  streams.stderr.write(`${escapeText(mask(faultReport(thrown, { ...packageFacts(), run })))}\n`);
}

/**
 * Says on standard error what failed, without secrets; with a json format a run-end record says it too. Resolves to the
 * exit code. Where the run has `ended` before, that is how it ended: the failure is said, and changes nothing.
 */
export async function reportFailure(
  thrown: unknown,
  args: readonly string[],
  run: string | null,
  surroundings: Surroundings,
  ended: RunEnd | null = null,
): Promise<number> {
  const { cwd, environment, streams, interruption } = surroundings;
  const { signal } = interruption;
  const mask = createMask(await knownSecrets(cwd, environment));
  const failure = reasonForFailure(signal.aborted ? signal.reason : thrown);
  const { reason } = failure;
  const message = mask(failure.message);
  streams.stderr.write(`${fittedTo(streams.stderr, escapeText(message))}\n`);
  if (reason === "fault" && !(thrown instanceof RunError)) await writeFault(thrown, run, surroundings);
  if (ended !== null) return ended.exitCode;
  const exitCode = exitCodeOf(reason);
  if (/(^|\n)--output-format[\n=](stream-)?json(\n|$)/i.test(args.join("\n"))) {
    const end = unbegunEnd(reason, message);
    streams.stdout.write(`${JSON.stringify({ seq: 1, time: new Date().toISOString(), ...end })}\n`);
  }
  return exitCode;
}
