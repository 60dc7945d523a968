import type { Command } from "commander";
import { realpathSync } from "node:fs";
import { escapeText } from "../base/escape.js";
import { SettingsError } from "../errors.js";
import { bareEnvironment, soundEnvironment } from "../settings/environment/bare-environment.js";
import { settingsFromFlags } from "../settings/flags.js";
import { loadSettings } from "../settings/load.js";
import { addMemoryCommands } from "./declare-memory.js";
import { schemaNames, type SchemaName } from "./schema/names.js";

export type SubcommandOptions = { cwd: string; signal: AbortSignal; finish(exitCode: number): void };

/** Declares what `autogpt NAME` does; the code of each is loaded when it is used. */
export function addSubcommands(program: Command, { cwd, signal, finish }: SubcommandOptions): void {
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  program
    .command("runs")
    .description("List this folder's runs: name, state, steps, cost")
    .option("--json", "as one JSON array")
    .action(async ({ json }: { json?: boolean }) => {
      const { settings } = await loadSettings();
      const { listRuns } = await import("./runs.js");
      print(await listRuns(settings.home, json === true));
    });
  program
    .command("check")
    .description("Carry out the goals' checks alone; exit 0 if all pass, else 4")
    .option("--json", "as one JSON object")
    .action(async ({ json }: { json?: boolean }) => {
      const { settings } = await loadSettings({ flags: settingsFromFlags(program.opts()) });
      const { checkGoals } = await import("./check.js");
      const { text, passed } = await checkGoals(settings, { cwd, json: json === true, signal });
      print(text);
      finish(passed ? 0 : 4);
    });
  addSetupSubcommands(program, { cwd, signal, finish });
  program
    .command("demo")
    .description("Show the whole agent at work against a scripted model: no key, no network (takes --output-format)")
    .option("--keep", "keep the demo's folder, with its journal")
    .action(async ({ keep }: { keep?: boolean }) => {
      const { outputFormat = "text" } = settingsFromFlags(program.opts());
      const { demo } = await import("./demo/demo.js");
      const [, script] = process.argv;
      if (script === undefined) throw new SettingsError("The demo cannot find the program's own file.");
      const say = (text: string): void =>
        void (outputFormat === "text" ? process.stdout : process.stderr).write(`${text}\n`);
      const environment = bareEnvironment();
      finish(
        await demo({ program: realpathSync(script), outputFormat, keep: keep === true, environment, say, signal }),
      );
    });
  addMemoryCommands(program, {
    cwd,
    print: (text, json = false) => print(json ? text : escapeText(text)),
    write: (line) => new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve())),
    use: async () => ({
      loaded: await loadSettings({ flags: settingsFromFlags(program.opts()) }),
      note: (text) => void process.stderr.write(`${escapeText(text)}\n`),
      signal,
    }),
  });
}

/** Declares the subcommands that set the program up and look after it; the code of each is loaded when it is used. */
export function addSetupSubcommands(program: Command, options: SubcommandOptions): void {
  addDoctor(program, options);
  addInit(program, options);
  addConfig(program);
  addSchema(program);
  program
    .command("completion")
    .description("Print what makes a shell complete autogpt's flags: bash, zsh, fish or powershell")
    .argument("<shell>", "bash, zsh, fish or powershell")
    .action(async (shell: string) => {
      const { completionScript } = await import("./completion.js");
      print(completionScript(shell, program));
    });
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

type DoctorFlags = { json?: boolean; live?: boolean; model?: boolean };

function addDoctor(program: Command, { cwd, signal, finish }: SubcommandOptions): void {
  program
    .command("doctor")
    .description(
      "Check settings, key, server, models and their dates, memory, search, browser, sandbox, speech, disk and clock; " +
        "exit 2 if a run would fail",
    )
    .option("--json", "as one JSON array")
    .option("--live", "with one tiny real call to the smart model, and one for an embedding")
    .option("--model", "play 12 small exercises with the smart model (real calls)")
    .action(async ({ json = false, live = false, model = false }: DoctorFlags) => {
      const load = () => loadSettings({ flags: settingsFromFlags(program.opts()) });
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
      const environment = { ...bareEnvironment(), ...soundEnvironment() };
      const open = ({ settings }: Awaited<ReturnType<typeof load>>) =>
        openServer(settings, Math.min(live ? 60_000 : 5_000, settings.openAiTimeout * 1000));
      const diagnosis = await diagnose({ cwd, environment, live, signal, load, open });
      const text = showDiagnosis(diagnosis, json);
      print(json ? text : escapeText(text));
      finish(diagnosis.failed ? 2 : 0);
    });
}

type InitFlags = { key?: string; baseUrl?: string; model?: string; describe?: string };

function addInit(program: Command, { cwd, signal }: SubcommandOptions): void {
  program
    .command("init")
    .description("Write .env and ai_settings.yaml, from questions or from flags (--ai-name, --ai-role, --ai-goal too)")
    .option("--key <KEY>", "your OpenAI key, or that of another server")
    .option("--base-url <URL>", "the address of another server")
    .option("--model <NAME>", "the model for everything")
    .option("--describe <TEXT>", "say what you want: the model proposes name, role and goals")
    .action(async ({ key, baseUrl, model, describe }: InitFlags) => {
      const { init } = await import("./init/init.js");
      const { openServer } = await import("../compose/server.js");
      const { openLines } = await import("../console/input/lines.js");
      const lines = openLines(process.stdin, process.stdout);
      const load = () => loadSettings({ flags: settingsFromFlags(program.opts()) });
      const dialogue = {
        ask: (question: string) => lines.ask(escapeText(question), signal),
        say: (line: string) => print(escapeText(line)),
      };
      try {
        await init({ cwd, load, open: openServer, given: { key, baseUrl, model, describe }, dialogue, signal });
      } finally {
        lines.close();
      }
    });
}

function addConfig(program: Command): void {
  program
    .command("config")
    .description("Show the settings that a run here would have")
    .command("show")
    .description("List every setting with its value; keys are never shown")
    .option("--origin", "say where each value comes from")
    .option("--json", "as one JSON object")
    .action(async ({ origin = false, json = false }: { origin?: boolean; json?: boolean }) => {
      const loaded = await loadSettings({ flags: settingsFromFlags(program.opts()) });
      const { showConfig } = await import("./config.js");
      const text = showConfig(loaded, { origin, json });
      print(json ? text : escapeText(text));
    });
}

function addSchema(program: Command): void {
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
      print(JSON.stringify(schemaOf(name), null, 2));
    });
}
