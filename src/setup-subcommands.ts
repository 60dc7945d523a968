import type { Command } from "commander";
import { escapeText } from "./console/escape.js";
import { bareEnvironment, soundEnvironment } from "./settings/bare-environment.js";
import { settingsFromFlags } from "./settings/flags.js";
import { loadSettings } from "./settings/load.js";
import type { SubcommandOptions } from "./subcommands.js";

/** Declares the subcommands that set the program up and look after it; the code of each is loaded when it is used. */
export function addSetupSubcommands(program: Command, options: SubcommandOptions): void {
  addDoctor(program, options);
  addInit(program, options);
  addConfig(program);
  program
    .command("completion")
    .description("Print what makes a shell complete autogpt's flags: bash, zsh, fish or powershell")
    .argument("<shell>", "bash, zsh, fish or powershell")
    .action(async (shell: string) => {
      const { completionScript } = await import("./subcommands/completion.js");
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
      const { openServer } = await import("./open-server.js");
      if (model) {
        const { exerciseModel } = await import("./subcommands/doctor/exercise-model.js");
        const loaded = await load();
        const server = await openServer(loaded.settings);
        const { text, passed } = await exerciseModel({ server, settings: loaded.settings, signal, json });
        print(json ? text : escapeText(text));
        return finish(passed ? 0 : 2);
      }
      const { diagnose, showDiagnosis } = await import("./subcommands/doctor.js");
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
      const { init } = await import("./subcommands/init.js");
      const { openServer } = await import("./open-server.js");
      const { openLines } = await import("./console/lines.js");
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
      const { showConfig } = await import("./subcommands/config.js");
      const text = showConfig(loaded, { origin, json });
      print(json ? text : escapeText(text));
    });
}
