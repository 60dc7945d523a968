import { isYes } from "../console/input/ask.js";
import type { Command } from "commander";
import { startVariables } from "../base/process/command-line.js";
import type { Writable } from "node:stream";
import { escapeText } from "../base/escape.js";
import { fittedTo, type Streams } from "../console/streams.js";
import type { OutputStream } from "../console/input/user-input.js";
import { SettingsError } from "../errors.js";
import { bareEnvironment, soundEnvironment } from "../settings/environment/bare-environment.js";
import { settingsFromFlags } from "../settings/flags.js";
import type { LoadedSettings } from "../settings/load.js";
import type { SubcommandUse } from "./memory/own-memory.js";
import { addHelp } from "./help/declare-help.js";
import { addAcpCommand } from "./declare-acp.js";
import { addFleetCommands } from "./declare-fleet.js";
import { addUndoCommands } from "./declare-undo.js";
import { addMcpCommands } from "./declare-mcp.js";
import { addMemoryCommands } from "./declare-memory.js";
import { addQuestionCommands } from "./declare-questions.js";
import { addCompletion } from "./completion/declare-completion.js";
import { addReplayCommands } from "./declare-replay.js";
import { addRunsCommands } from "./declare-runs.js";
import { findings } from "./findings.js";
import { schemaNames, type SchemaName } from "./schema/names.js";

export type SubcommandOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  /** Reads the settings, with the flags of the whole program. */
  load(more?: { fetchKeys?: boolean }): Promise<LoadedSettings>;
  signal: AbortSignal;
  finish(exitCode: number): void;
  /** Carries out the run that these settings name, as plain `autogpt` does. */
  goOn(loaded: LoadedSettings): Promise<void>;
};

/** Declares what `autogpt NAME` does; the code of each is loaded when it is used. */
export function addSubcommands(program: Command, options: SubcommandOptions): void {
  const { cwd, environment, streams, load, signal, finish } = options;
  const { stdout, stderr } = streams;
  const print = printTo(stdout);
  addRunsCommands(program, { environment, streams, signal, load: () => load({ fetchKeys: false }) });
  addQuestionCommands(program, { cwd, environment, streams, signal, load });
  program
    .command("check")
    .summary("carry out the goals' checks alone")
    .description("Carry out the goals' checks alone; exit 0 if all pass, else 4")
    .option("--json", "as one JSON object")
    .option("--vacuous", "look for checks that pass before any work or in an empty folder; exit 4 if there is one")
    .action(async ({ json = false, vacuous = false }: { json?: boolean; vacuous?: boolean }) => {
      const { settings } = await load();
      const { checkGoals } = await import("./check.js");
      const { text, passed } = await checkGoals(settings, { cwd, environment, json, vacuous, signal });
      print(json ? text : findings(options, text, 4));
      finish(passed ? 0 : 4);
    });
  addSetupSubcommands(program, options);
  addDemo(program, options);
  const use = async (): Promise<SubcommandUse> => ({
    loaded: await load(),
    cwd,
    note: (text) => sayTo(stderr)(escapeText(text)),
    stdin: () => streams.stdin,
    signal,
  });
  const write = (text: string): void => void stdout.write(text);
  addUndoCommands(program, { cwd, use, terminal: stdout.isTTY === true, finish, write, say: sayTo(stdout) });
  addMemoryCommands(program, {
    cwd,
    print: (text, json = false) => print(json ? text : escapeText(text)),
    write: (line) => new Promise((resolve) => stdout.write(`${line}\n`, () => resolve())),
    use,
    confirm: confirmOn(streams, signal),
  });
  addMcpCommands(program, { cwd, environment, load, print, say: sayTo(streams.stderr), signal, streams });
  addAcpCommand(program, options);
  addFleetCommands(program, options);
  addReplayCommands(program, options);
  addHelp(program, write);
}

/** Asks on the terminal, with standard error so that a result stays alone; null where there is no terminal. */
function confirmOn({ stdin, stderr }: Streams, signal: AbortSignal): ((question: string) => Promise<boolean>) | null {
  if (!stdin.isTTY || !stderr.isTTY) return null;
  return async (question) => {
    const { openUserInput } = await import("../console/input/open-input.js");
    const lines = openUserInput(stdin, stderr);
    try {
      return isYes(await lines.ask(escapeText(question), signal, { fresh: true }));
    } finally {
      lines.close();
    }
  };
}

/** Declares the subcommands that set the program up and look after it; the code of each is loaded when it is used. */
function addSetupSubcommands(program: Command, options: SubcommandOptions): void {
  addDoctor(program, options);
  addInit(program, options);
  addAdd(program, options);
  addConfig(program, options);
  addSchema(program, options);
  addCompletion(program, printTo(options.streams.stdout));
}

const printTo =
  (out: Writable) =>
  (text: string): void =>
    void out.write(`${text}\n`);

/** The same for sentences, which are broken between words. */
const sayTo =
  (out: OutputStream) =>
  (text: string): void =>
    printTo(out)(fittedTo(out, text));

function addDemo(program: Command, { environment, streams, signal, finish }: SubcommandOptions): void {
  program
    .command("demo")
    .summary("show the whole program at work, without key or network")
    .description("Show the whole agent at work against a scripted model: no key, no network (takes --output-format)")
    .option("--keep", "keep the demo's folder, with its journal")
    .action(async ({ keep }: { keep?: boolean }) => {
      const { outputFormat = "text" } = settingsFromFlags(program.opts());
      const { demo } = await import("./demo/demo.js");
      const [, script] = process.argv;
      if (script === undefined) throw new SettingsError("The demo cannot find the program's own file.");
      const own = {
        program: script,
        environment: { ...bareEnvironment(environment), ...startVariables(environment) },
      };
      const say = sayTo(outputFormat === "text" ? streams.stdout : streams.stderr);
      finish(await demo({ ...own, outputFormat, keep: keep === true, say, signal }));
    });
}

type DoctorFlags = { json?: boolean; live?: boolean; model?: boolean };

function addDoctor(
  program: Command,
  { cwd, environment: outer, streams, load, signal, finish }: SubcommandOptions,
): void {
  const print = printTo(streams.stdout);
  program
    .command("doctor")
    .summary("look for what would keep a run from working")
    .description(
      "Check settings, key, server, models and their dates, memory, search, browser, sandbox, speech, disk and clock; " +
        "exit 2 if a run would fail",
    )
    .option("--json", "as one JSON array")
    .option("--live", "with one tiny real call to the smart model, and one for an embedding")
    .option("--model", "play 12 small exercises with the smart model (real calls)")
    .action(async ({ json = false, live = false, model = false }: DoctorFlags) => {
      const { openServer } = await import("../compose/server.js");
      if (model) {
        const { exerciseModel } = await import("./doctor/server/exercise-model.js");
        const loaded = await load();
        const server = await openServer(loaded.settings);
        const { text, passed } = await exerciseModel({ server, settings: loaded.settings, signal, json });
        print(json ? text : escapeText(text));
        return finish(passed ? 0 : 2);
      }
      const { diagnose, showDiagnosis } = await import("./doctor/doctor.js");
      const environment = { ...bareEnvironment(outer), ...soundEnvironment(outer) };
      const open = ({ settings }: LoadedSettings) =>
        openServer(settings, Math.min(live ? 60_000 : 5_000, settings.openAiTimeout * 1000));
      const diagnosis = await diagnose({ cwd, environment, live, signal, load, open });
      const text = showDiagnosis(diagnosis, json);
      print(json ? text : findings({ streams, environment: outer }, escapeText(text), 18));
      finish(diagnosis.failed ? 2 : 0);
    });
}

function addAdd(program: Command, { environment, streams, signal }: SubcommandOptions): void {
  program
    .command("add")
    .summary("install what few need: a browser's driver, a voice …")
    .description("Install what few need: browser, python, offline, pinecone, google, voice; without a name, list it")
    .argument("[names...]", "what to install")
    .option("--dry-run", "show the command that would be run")
    .action(async (names: string[], { dryRun = false }: { dryRun?: boolean }) => {
      const { add } = await import("./add.js");
      const note = (text: string): void => sayTo(streams.stderr)(escapeText(text));
      sayTo(streams.stdout)(escapeText(await add({ names, dryRun, environment, signal, note })));
    });
}

type InitFlags = { key?: string; baseUrl?: string; model?: string; describe?: string; yes?: boolean };

function addInit(program: Command, { cwd, streams, load, signal }: SubcommandOptions): void {
  program
    .command("init")
    .summary("write .env and ai_settings.yaml, by questions or flags")
    .description("Write .env and ai_settings.yaml, from questions or from flags (--ai-name, --ai-role, --ai-goal too)")
    .option("--key <KEY>", "your OpenAI key, or that of another server")
    .option("--base-url <URL>", "the address of another server")
    .option("--model <NAME>", "the model for everything")
    .option("--describe <TEXT>", "say what you want: the model proposes name, role and goals")
    .option("--yes", "change an AI that is there without asking; a copy is kept in any case")
    .action(async (given: InitFlags) => {
      const { init } = await import("./init/init.js");
      const { openServer } = await import("../compose/server.js");
      const { openUserInput } = await import("../console/input/open-input.js");
      const { stdin, stdout } = streams;
      const lines = openUserInput(stdin, stdout);
      const dialogue = {
        ask: (question: string, options?: { hidden?: boolean }) => lines.ask(escapeText(question), signal, options),
        say: (line: string) => sayTo(stdout)(escapeText(line)),
      };
      try {
        await init({ cwd, load, open: openServer, given, dialogue, signal, terminal: lines.isTerminal });
      } finally {
        lines.close();
      }
    });
}

function addConfig(program: Command, { streams, load }: SubcommandOptions): void {
  program
    .command("config")
    .description("Show the settings that a run here would have")
    .command("show")
    .description("List every setting with its value; keys are never shown")
    .option("--origin", "say where each value comes from")
    .option("--json", "as one JSON object")
    .action(async ({ origin = false, json = false }: { origin?: boolean; json?: boolean }) => {
      const loaded = await load({ fetchKeys: false });
      const { showConfig } = await import("./config.js");
      const text = showConfig(loaded, { origin, json });
      printTo(streams.stdout)(json ? text : escapeText(text));
    });
}

function addSchema(program: Command, { streams }: SubcommandOptions): void {
  const which = program.createArgument(
    "<name>",
    "events (a line of a journal), settings (environment and flags), goals (ai_settings.yaml)",
  );
  program
    .command("schema")
    .description("Print a JSON Schema: of events, settings, or goals (ai_settings.yaml)")
    .addArgument(which.choices(schemaNames))
    .action(async (name: SchemaName) => {
      const { schemaOf } = await import("./schema/schema.js");
      printTo(streams.stdout)(JSON.stringify(schemaOf(name), null, 2));
    });
}
