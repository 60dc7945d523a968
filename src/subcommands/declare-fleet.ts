import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import { userFolder } from "../base/folders/user-folder.js";
import { SettingsError } from "../errors.js";
import { createPalette } from "../console/palette.js";
import { fittedTo } from "../console/streams.js";
import { colourDepth, isDumb } from "../settings/environment/bare-environment.js";
import { flagsGiven } from "../settings/flags.js";
import type { SettingKey } from "../settings/schema.js";
import { addFetch, addRemove, type FleetOptions } from "./fleet/declare-stored.js";
import type { FleetAct } from "./fleet/fleet.js";
import type { SubmitFlags } from "./fleet/submit.js";

/** Settings that the worker gives every run, or that make no sense for one that nobody is at. */
const notPassedOn: readonly SettingKey[] = [
  ...(["resume", "fork", "at", "yes", "outputFormat", "aiSettingsFile", "workspaceDirectory", "trustFolder"] as const),
];
const notOnResume: readonly SettingKey[] = ["aiName", "aiRole", "aiGoals", "wipeMemory"];

/** For how long a worker takes a run at a time: one that is gone is missed for no longer. */
const leaseMs = 30_000;

/** Declares what puts runs into a queue, carries them out, and shows them; the code of each is loaded when it is used. */
export function addFleetCommands(program: Command, options: FleetOptions): void {
  const { cwd, streams, load } = options;
  const print = (text: string): void => void streams.stdout.write(`${text}\n`);
  program
    .command("submit")
    .summary("put runs into the queue of a fleet (QUEUE_URL)")
    .description(
      "Put a run into the queue for each settings file, with a copy of its workspace; prints their names. Takes the flags of runs (-c, --max-cost …)",
    )
    .argument("[files...]", "settings files that say who the AI is; ai_settings.yaml unless told")
    .option("--table <FILE>", "CSV or JSON Lines: a run for each row, whose columns fill {column} in the settings file")
    .option("--workspace <DIR>", "the folder whose contents are the run's workspace; an empty one unless told")
    .option("--priority <N>", "from 1, which is taken first, to 1000", "100")
    .option("--at <TIME>", "not before then: 2026-12-01T08:00, or 30m, 2h or 3d from now")
    .option("--tags <TAGS>", "only for workers that have all of these: gpu,web")
    .option("--fleet-cost <USD>", "the most that all runs of the fleet together may cost from now on, or none")
    .option("--after <RUN>", "not before this run has ended well; may be repeated", collect)
    .action(async (files: string[], flags: SubmitFlags) => {
      const given = program.opts();
      const [{ submit }, { refuseFlags }] = await Promise.all([
        import("./fleet/submit.js"),
        import("./fleet/refused-flags.js"),
      ]);
      refuseFlags(given, files);
      const loaded = await load({ fetchKeys: false });
      const begin = flagsGiven(given, new Set(notPassedOn));
      const resume = flagsGiven(given, new Set([...notPassedOn, ...notOnResume]));
      const warn = (text: string): void => void streams.stderr.write(`${escapeText(text)}\n`);
      await submit(loaded, cwd, files, flags, { begin, resume }, { onRun: print, warn });
    });
  addWork(program, options);
  addFleet(program, options, print);
}

const collect = (run: string, before: string[] = []): string[] => [...before, run];

type WorkFlags = { concurrency: string; tags?: string; metricsPort?: string; metricsHost?: string };

/** More processes than any computer has room for. */
const mostConcurrency = 1_000;

function portFrom(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new SettingsError(`--metrics-port must be a port such as 9464, not ${JSON.stringify(text)}.`);
}

function addWork(program: Command, { environment, cwd, streams, load, signal }: FleetOptions): void {
  program
    .command("work")
    .summary("carry out runs from the queue of a fleet")
    .description("Take runs from the queue and carry them out, until Ctrl-C; what is at work then goes on elsewhere")
    .option("--concurrency <N>", "how many at a time", "1")
    .option("--tags <TAGS>", "what this worker has: gpu,web; it takes runs that ask for some of it, or for nothing")
    .option("--metrics-port <PORT>", "serve /metrics (Prometheus) and /health there")
    .option("--metrics-host <HOST>", "the address at which they are served (default: 127.0.0.1)")
    .action(async ({ concurrency, tags: given, metricsPort, metricsHost }: WorkFlags) => {
      const most = /^\d{1,6}$/.test(concurrency) ? Number(concurrency) : 0;
      if (most < 1 || most > mostConcurrency)
        throw new SettingsError(
          `--concurrency must be a whole number from 1 to ${mostConcurrency}, not ${JSON.stringify(concurrency)}: each run is a process of its own.`,
        );
      if (metricsHost !== undefined && metricsPort === undefined)
        throw new SettingsError("--metrics-host needs --metrics-port: without it nothing is served.");
      const { tagsFrom } = await import("../fleet/queue/tags.js");
      const tags = given === undefined ? [] : tagsFrom(given);
      const metrics =
        metricsPort === undefined ? undefined : { host: metricsHost ?? "127.0.0.1", port: portFrom(metricsPort) };
      const { settings, variable } = await load();
      const [, program] = process.argv;
      if (program === undefined) throw new SettingsError("The worker cannot find the program's own file.");
      const { work } = await import("../fleet/worker/work.js");
      const { requireAddress } = await import("../fleet/store/open-store.js");
      const place = `${userFolder("state", environment)}/fleet`;
      const say = (text: string): void => {
        const line = escapeText(`${new Date().toISOString()} ${text}`);
        streams.stderr.write(`${fittedTo(streams.stderr, line)}\n`);
      };
      const address = requireAddress(settings.queueUrl);
      const artifacts = { url: settings.artifactsUrl, variable };
      await work({
        address,
        artifacts,
        concurrency: most,
        tags,
        metrics,
        place,
        say,
        program,
        cwd,
        environment,
        leaseMs,
        signal,
      });
    });
}

type FleetFlags = { json?: boolean; watch?: boolean; state?: string; limit?: string; all?: boolean };

function addFleet(program: Command, options: FleetOptions, print: (text: string) => void): void {
  const { streams, environment, load, signal } = options;
  const { columns } = streams.stdout as { columns?: number };
  const width = streams.stdout.isTTY === true ? columns : undefined;
  const fleet = program
    .command("fleet")
    .summary("show the runs of a fleet; fetch, remove, pause, cancel, retry, budget do more")
    .description("Show the queue and its runs; fetch, remove, pause, resume, drain, cancel, retry and budget do more")
    .option("--json", "as JSON")
    .option(
      "--watch",
      "stay, and show what changes: a table at a terminal, else, and with --plain, a line for each change; q or Ctrl-C ends it",
    )
    .option("--state <STATES>", "only runs that are waiting, running, parked, ended or cancelled; several with commas")
    .option("--limit <N>", "only the newest N")
    .option("--all", "also at a terminal every run, and not the next 20 that wait and the last 20 that are over")
    .action(async ({ json = false, watch = false, ...which }: FleetFlags) => {
      const { settings } = await load({ fetchKeys: false });
      if (watch) {
        const { watchFleet } = await import("./fleet/watch.js");
        const palette = createPalette(colourDepth(streams.stdout, environment));
        const isDrawn = streams.stdout.isTTY === true && !isDumb(environment) && !settings.plain;
        return watchFleet(settings.queueUrl, { json, isDrawn, streams, palette, signal });
      }
      const { showFleet } = await import("./fleet/fleet.js");
      const { choiceFrom } = await import("./fleet/choose-runs.js");
      const choice = choiceFrom(which, !json && streams.stdout.isTTY === true);
      print(await showFleet(settings.queueUrl, { json, width, choice }));
    });
  addActs(fleet, options, print);
  addFetch(fleet, options, print);
  addRemove(fleet, options);
}

function addActs(fleet: Command, { load }: FleetOptions, print: (text: string) => void): void {
  fleet.hook("preAction", (_fleet, action) => {
    const [given] = Object.keys(fleet.opts());
    if (action !== fleet && given !== undefined)
      throw new SettingsError(`"autogpt fleet ${action.name()}" takes no --${given}.`);
  });
  const act = (name: FleetAct, text: string): void => {
    const isOfRuns = name === "cancel" || name === "retry";
    const command = fleet.command(name).description(text);
    if (isOfRuns) command.argument("<runs...>", "their names, or beginnings or ends of them");
    command.action(async (given: unknown) => {
      const { actOnFleet } = await import("./fleet/fleet.js");
      const { settings } = await load({ fetchKeys: false });
      const runs = isOfRuns ? (given as string[]) : [];
      for (const line of await actOnFleet(settings.queueUrl, name, runs)) print(escapeText(line));
    });
  };
  act("pause", "Let workers take no more runs; those at work go on");
  act("resume", "Let workers take runs again");
  act("drain", "Cancel every run that waits, for a worker or parked for anything else; those at work go on");
  act("cancel", "End runs, whether they wait or are at work; retry goes on with them");
  fleet
    .command("budget")
    .description("Limit what all runs together may cost, those that have ended included; runs that wait for that go on")
    .argument("<usd>", "US dollars, or none")
    .action(async (usd: string) => {
      const { setBudget } = await import("./fleet/fleet.js");
      const { settings } = await load({ fetchKeys: false });
      print(escapeText(await setBudget(settings.queueUrl, usd)));
    });
  act("retry", "Go on with runs that have ended, were cancelled, or wait for something");
}
