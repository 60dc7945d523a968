import { SettingsError } from "../../errors.js";
import type { Command } from "commander";
import { resolve } from "node:path";
import { escapeText } from "../../base/escape.js";
import type { Streams } from "../../console/streams.js";
import type { LoadedSettings } from "../../settings/load.js";

/** What the commands of a fleet are given. */
export type FleetOptions = {
  environment: Readonly<Record<string, string | undefined>>;
  cwd: string;
  streams: Streams;
  load(more?: { fetchKeys?: boolean }): Promise<LoadedSettings>;
  signal: AbortSignal;
};

/** Declares `autogpt fleet fetch`. */
export function addFetch(fleet: Command, { cwd, load }: FleetOptions, print: (text: string) => void): void {
  fleet
    .command("fetch")
    .description(
      "Bring runs here as they are now, each into a new folder of its name: workspace, journal, settings file; autogpt runs show, diff and the like work there",
    )
    .argument("<runs...>", "their names, or beginnings or ends of them")
    .option("--to <DIR>", "the folder in which these folders are made; the current one unless told")
    .action(async (runs: string[], { to = "." }: { to?: string }) => {
      if (to.trim() === "")
        throw new SettingsError("--to is empty: name a folder, or leave it out for the current one.");
      const { fetchRuns } = await import("./fetch.js");
      const { settings, variable } = await load({ fetchKeys: false });
      const artifacts = { url: settings.artifactsUrl, variable };
      await fetchRuns(settings.queueUrl, artifacts, { runs, folder: resolve(cwd, to) }, (line) =>
        print(escapeText(line)),
      );
    });
}

type RemoveFlags = { ended?: boolean; olderThan?: string; yes?: boolean };

/** Declares `autogpt fleet remove`. */
export function addRemove(fleet: Command, { streams, load, signal }: FleetOptions): void {
  fleet
    .command("remove")
    .description(
      "Remove runs that have ended or were cancelled for good, with their files; what they cost stays counted",
    )
    .argument("[runs...]", "their names, or beginnings or ends of them")
    .option("--ended", "all of them")
    .option("--older-than <AGE>", "those that ended longer ago: 12h, 30d, 4w")
    .option("--yes", "without asking")
    .action(async (given: string[], { ended = false, olderThan, yes = false }: RemoveFlags) => {
      const { removeFromFleet } = await import("./remove.js");
      const { ageFrom } = await import("../runs/remove.js");
      const { withRemovalTalk } = await import("../runs/confirm-removal.js");
      const { settings, variable } = await load({ fetchKeys: false });
      const artifacts = { url: settings.artifactsUrl, variable };
      await withRemovalTalk(streams, { yes, signal }, (talk) =>
        removeFromFleet(settings.queueUrl, artifacts, {
          ...{ given, ended, now: new Date(), ...talk },
          olderThan: olderThan === undefined ? null : ageFrom(olderThan),
        }),
      );
    });
}
