import { realpathSync } from "node:fs";
import type { Command } from "commander";
import { escapeText } from "./console/escape.js";
import { SettingsError } from "./errors.js";
import { loadSettings } from "./settings/load.js";
import { bareEnvironment } from "./settings/bare-environment.js";
import { settingsFromFlags } from "./settings/flags.js";
import { addSetupSubcommands } from "./setup-subcommands.js";
import { addMemoryCommands } from "./subcommands/memory-commands.js";

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
      const { listRuns } = await import("./subcommands/runs.js");
      print(await listRuns(settings.home, json === true));
    });
  program
    .command("check")
    .description("Carry out the goals' checks alone; exit 0 if all pass, else 4")
    .option("--json", "as one JSON object")
    .action(async ({ json }: { json?: boolean }) => {
      const { settings } = await loadSettings({ flags: settingsFromFlags(program.opts()) });
      const { checkGoals } = await import("./subcommands/check.js");
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
      const { demo } = await import("./subcommands/demo.js");
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
