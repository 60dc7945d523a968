import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { mapTexts } from "../../base/json.js";
import { counted } from "../../base/text.js";
import { messageOf, SettingsError } from "../../errors.js";
import type { JournalEvent } from "../../history/events.js";
import { readEvents } from "../../history/read-events.js";
import { runOf } from "../../history/read-run.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import { isWithin } from "../../protection/guarded.js";
import type { LoadedSettings } from "../../settings/load.js";
import { requireKey } from "../../settings/require-key.js";
import { newFork, writeFork } from "../fork/fork-run.js";
import { copyTree } from "./copy-tree.js";
import { linesOf } from "./replay.js";
import { replayRun, type Replayed, type ReplayRunOptions } from "./replay-run.js";
import type { Copy } from "./copy.js";

/** What is said of the replay, its exit code, and the settings by which the run goes on; null where it does not. */
export type Continuation = { text: string; code: number; loaded: LoadedSettings | null };

/**
 * Replays a run up to a step, all of it unless told, and makes a new run of it that goes on from there with the models of the
 * settings, in a copy of the workspace beside the original, which stays. Where a request differs nothing is made. Throws SettingsError
 * where there is no record, no key, or no place for the copy.
 */
export async function goOnLive(options: ReplayRunOptions, loaded: LoadedSettings): Promise<Continuation> {
  const { settings, sources } = loaded;
  if (sources.workspaceDirectory.kind === "flag")
    throw new SettingsError("--model live goes on in a copy of the workspace of the run: leave -w out.");
  if (settings.resume !== undefined || settings.fork !== undefined)
    throw new SettingsError("replay --model live makes a run of its own: leave --resume and --fork out.");
  requireKey(settings, sources);
  return replayRun(options, async (replayed, copy) => {
    if (replayed.difference !== null) return { text: linesOf(replayed).join("\n"), code: 8, loaded: null };
    const { run, workspace, missed } = await keepCopy(options, loaded, replayed, copy);
    return {
      code: 0,
      text: [
        ...linesOf({ ...replayed, notAsThen: [...replayed.notAsThen, ...missed] }),
        `From there the real model goes on, as the run ${run} in a copy of the workspace: ${workspace}`,
      ].join("\n"),
      loaded: {
        ...loaded,
        settings: { ...settings, resume: run, workspaceDirectory: workspace },
        // The workspace is that of the journal, whatever the environment names.
        sources: { ...sources, workspaceDirectory: { kind: "default", text: "" } },
      },
    };
  });
}

/** Makes the copy lasting, and the journal of a run that goes on in it. */
async function keepCopy(
  { home, run: original, version, until }: ReplayRunOptions,
  { settings }: LoadedSettings,
  { steps: { length: finished } }: Replayed,
  copy: Copy,
) {
  const { events } = await readEvents(journalFile(runDirectory(home, original)));
  const { start } = runOf({ events, validBytes: 0 });
  const step = until ?? finished;
  if (step > finished)
    throw new SettingsError(
      `The run ${original} has ${counted(finished, "step")} on record, so nothing can go on from step ${step}.`,
    );
  const run = await newFork(settings.home);
  const root = await realpath(start.workspace).catch(() => resolve(start.workspace));
  const workspace = `${root}-${run}`;
  const hidden = [settings.aiSettingsFile, settings.azureConfigFile, settings.modelCatalog ?? settings.aiSettingsFile]
    .filter((file) => isWithin(root, file))
    .map((file) => copy.workspace + file.slice(root.length));
  const leftOut = [copy.home, ...hidden];
  const missed = await copyTree(copy.workspace, workspace, (path) => leftOut.includes(path)).catch(
    (thrown: unknown): never => {
      throw new SettingsError(`The workspace cannot be copied to ${workspace}: ${messageOf(thrown)}.`, {
        cause: thrown,
      });
    },
  );
  await writeFork(settings.home, run, eventsInCopy(events, [start.workspace, root], workspace), { version, step });
  return { run, workspace, missed };
}

/** The events with the paths of the copy in place of those of the workspace, so that what the model reads of it is there. */
function eventsInCopy(events: readonly JournalEvent[], from: readonly string[], to: string): JournalEvent[] {
  const paths = new RegExp(
    `(?<![\\w.~-])(?:${from.map((path) => path.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|")})(?![\\w~-]|\\.\\w)`,
    "g",
  );
  return events.map((event) => mapTexts(event, (text) => text.replace(paths, () => to)));
}
