import type { Command } from "commander";
import type { Streams } from "../console/streams.js";
import { SettingsError } from "../errors.js";
import { homesFile } from "../settings/environment/trust-file.js";
import type { LoadedSettings } from "../settings/load.js";

export type RunsOptions = {
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  load(): Promise<LoadedSettings>;
  signal: AbortSignal;
};

/** Flags of `autogpt runs` and of what stands behind it; the ones that both take may stand at either place. */
type Flags = {
  json?: boolean;
  markdown?: boolean;
  all?: boolean;
  step?: string;
  olderThan?: string;
  yes?: boolean;
};

/** Declares `autogpt runs` and its subcommands; the code of each is loaded when it is used. */
export function addRunsCommands(program: Command, options: RunsOptions): void {
  const { environment, streams, load } = options;
  const print = (text: string): void => void streams.stdout.write(`${text}\n`);
  const { columns } = streams.stdout as { columns?: number };
  const width = streams.stdout.isTTY === true ? columns : undefined;
  const home = async (): Promise<string> => (await load()).settings.home;
  const which = async ({ all = false }: Flags) => ({
    home: await home(),
    homesFile: all ? homesFile(environment) : null,
  });
  const runs = program
    .command("runs")
    .summary("list the runs of this folder; show, rm and stats do more")
    .description("List the runs of this folder, newest first; show, rm and stats do more")
    .option("--json", "as JSON")
    .option("--all", "of every folder in which you have run it")
    .action(async (flags: Flags) => {
      const { listRuns } = await import("./runs/list.js");
      print(await listRuns(await which(flags), { json: flags.json === true, width }));
    });
  runs
    .command("show")
    .description("Show a run: why it ended, goals, answer, steps, files, cost, and what to type next")
    .argument("[run]", "its name, or a beginning or an end of it; the last one unless told")
    .option("--step <N>", "all of one step: thoughts, command, result")
    .option("--markdown", "as the page that lies in the run's folder as report.md")
    .option("--json", "as JSON")
    .action(async (run: string | undefined, _flags: Flags, command: Command) => {
      const { json = false, markdown = false, step } = command.optsWithGlobals<Flags>();
      const { showRun } = await import("./runs/show.js");
      const { lastRunOf, runNamed } = await import("../history/listing/find-run.js");
      const folder = await home();
      const name = run === undefined ? await lastRunOf(folder) : await runNamed(folder, run);
      print(await showRun(folder, name, { json, markdown, step: step === undefined ? null : stepFrom(step), width }));
    });
  runs
    .command("stats")
    .description("Count runs by how they ended, and their cost by day and model")
    .option("--json", "as JSON")
    .option("--all", "of every folder in which you have run it")
    .action(async (_flags: Flags, command: Command) => {
      const flags = command.optsWithGlobals<Flags>();
      const { runStatistics } = await import("./runs/stats.js");
      print(await runStatistics(await which(flags), { json: flags.json === true, width }));
    });
  addRemove(runs, options);
}

function stepFrom(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new SettingsError(`--step must be the number of a step, from 1 on, but is ${JSON.stringify(text)}.`);
}

function addRemove(runs: Command, { streams, load, signal }: RunsOptions): void {
  runs
    .command("rm")
    .description("Remove runs for good, with their journals; says what goes, and asks")
    .argument("[runs...]", "their names, or beginnings or ends of them")
    .option("--older-than <AGE>", "those that began longer ago: 12h, 30d, 4w")
    .option("--yes", "without asking")
    .action(async (given: string[], { olderThan, yes = false }: Flags) => {
      const { removeRuns, ageFrom } = await import("./runs/remove.js");
      const { withRemovalTalk } = await import("./runs/confirm-removal.js");
      const { settings } = await load();
      await withRemovalTalk(streams, { yes, signal }, (talk) =>
        removeRuns({
          ...{ home: settings.home, given, now: new Date(), ...talk },
          olderThan: olderThan === undefined ? null : ageFrom(olderThan),
        }),
      );
    });
}
