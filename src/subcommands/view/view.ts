import { resolve } from "node:path";
import { untilAborted } from "../../base/abort.js";
import { createMask, type Mask } from "../../base/mask.js";
import { counted, sizeText } from "../../base/text.js";
import { endSentence, stateInWords } from "../../console/text/words.js";
import { messageOf, SettingsError } from "../../errors.js";
import { runNamed, runNamedIn } from "../../history/listing/find-run.js";
import { lastRun, runNames } from "../../history/runs.js";
import { homesFile } from "../../settings/environment/trust-file.js";
import type { LoadedSettings } from "../../settings/load.js";
import { homesOf } from "../questions/waiting.js";
import type { OpenedFleet } from "./fleet-runs.js";
import type { ViewerOptions } from "../../viewer/viewer-options.js";

export type ViewOptions = {
  loaded: LoadedSettings;
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** The runs to show, as the user names them: one, or two side by side; the newest unless told. */
  given: readonly string[];
  exportTo: string | undefined;
  /** The runs of all folders in which the user has run the program are listed. */
  all: boolean;
  /** Open the browser, where there seems to be one. */
  open: boolean;
  print(text: string): void;
  signal: AbortSignal;
};

const words = { state: stateInWords, sentence: endSentence };

/**
 * `autogpt view`: a page that shows runs, served on loopback until Ctrl-C, or written into one file. Throws SettingsError where
 * there is no such run.
 */
export async function view(options: ViewOptions): Promise<void> {
  const { loaded, cwd, environment, given, exportTo, all, print } = options;
  const { home } = loaded.settings;
  if (given.length > 2)
    throw new SettingsError(`Two runs can be looked at side by side, and ${given.length} were named.`);
  const mask = createMask(loaded.secrets);
  const fleet = await fleetAt(loaded, mask);
  try {
    const runs: string[] = [];
    for (const one of given) runs.push(await namedRun(home, fleet, one));
    if (runs.length === 0) runs.push(...[lastRun(runNames(home))].filter((run) => run !== undefined));
    const [, ...otherHomes] = await homesOf(home, all ? homesFile(environment) : null);
    const viewed = { home, otherHomes, fleet, runs, mask, words };
    if (exportTo === undefined) return await serve(options, viewed);
    if (runs.length === 0) throw new SettingsError(`There is no run in ${home} to export.`);
    const { exportViewer } = await import("../../viewer/export.js");
    const size = await exportViewer(viewed, resolve(cwd, exportTo));
    print(
      `${counted(runs.length, "run")} in ${exportTo} (${sizeText(size)}). Any browser opens it, without a network.`,
    );
  } finally {
    await fleet?.close();
  }
}

/** Nothing of a fleet is loaded where there is none. */
async function fleetAt({ settings, variable }: LoadedSettings, mask: Mask): Promise<OpenedFleet | null> {
  const { queueUrl: address, artifactsUrl: url } = settings;
  return address === undefined ? null : (await import("./fleet-runs.js")).fleetRuns(address, mask, { url, variable });
}

/** A run of the folder, or else of the fleet. Throws SettingsError where there is none, also where the fleet cannot be asked. */
async function namedRun(home: string, fleet: OpenedFleet | null, given: string): Promise<string> {
  if (fleet === null) return runNamed(home, given);
  return (
    (await runNamedIn(home, given)) ??
    fleet.named(given).catch((thrown: unknown) => {
      throw new SettingsError(`There is no run ${JSON.stringify(given)} in ${home}. ${messageOf(thrown)}`, {
        cause: thrown,
      });
    })
  );
}

async function serve({ environment, open, print, signal }: ViewOptions, viewed: ViewerOptions): Promise<void> {
  const { serveViewer } = await import("../../viewer/server/serve.js");
  const { canOpenBrowser, openBrowser } = await import("../../viewer/open-browser.js");
  const viewer = await serveViewer(viewed);
  let forget = (): Promise<void> => Promise.resolve();
  try {
    print(
      `${viewer.address}\nWhoever has this address can read the runs of ${viewed.home}${viewed.fleet ? ` and of the fleet at ${viewed.fleet.place}` : ""} and answer for you. Ctrl-C ends it.`,
    );
    if (open && canOpenBrowser(environment)) forget = await openBrowser(viewer.address, environment);
    await untilAborted(new Promise<never>(() => undefined), signal).catch(() => undefined);
  } finally {
    await viewer.close();
    await forget();
  }
}
