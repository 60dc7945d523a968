import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { currentFolder } from "../base/process/own-program.js";
import { SettingsError } from "../errors.js";
import type { RunLimits, Totals } from "../history/event-parts.js";
import type { JournalEvent, RunEnd, Step } from "../history/events.js";
import { readEvents } from "../history/read-events.js";
import { runOf, type RecordedRun as Recorded } from "../history/read-run.js";
import { journalFile } from "../history/run-log.js";
import { lastRunOf } from "../history/listing/find-run.js";
import { runDirectory, runNames } from "../history/runs.js";
import { loadSettings, requireFolder } from "../settings/load.js";

/** A run as its journal tells it. */
export type RecordedRun = {
  /** Its name. */
  run: string;
  /** Its first event: who the AI is, its goals, models, workspace. */
  start: Recorded["start"];
  /** Every event, in order. */
  events: readonly JournalEvent[];
  /** The finished steps. */
  steps: readonly Step[];
  /** What it has used, with what was reserved for requests whose end is unknown counted as used. */
  totals: Totals;
  /** How long its processes worked, in milliseconds. */
  durationMs: number;
  limits: RunLimits;
  continuous: boolean;
  /** How each goal was judged at its last end; null where there was none, or it has been resumed since. */
  goals: RunEnd["goals"] | null;
  /** Its last event, if that is its end; null while it runs, and after a crash. */
  end: RunEnd | null;
};

export type ReadRunOptions = {
  /** Where relative paths start and `.env` lies; the process's current folder unless told. */
  cwd?: string;
  /** Takes the place of `process.env` and of `.env`: AUTOGPT_HOME says where runs are kept. */
  env?: Readonly<Record<string, string | undefined>>;
};

/**
 * Reads what a run has recorded: the run of this name, or the one whose folder or journal (`events.jsonl`) this is the
 * path of; without either, the last one. It may still be running; nothing is locked or changed. Throws SettingsError where
 * there is no such journal, or one that is damaged.
 */
export async function readRun(nameOrPath?: string, options: ReadRunOptions = {}): Promise<RecordedRun> {
  const read = await readEvents(await journalOf(nameOrPath, options));
  const { run, start, steps, spent, durationMs, limits, continuous, end } = runOf(read);
  const goals = end?.goals ?? null;
  return { run, start, events: read.events, steps, totals: spent, durationMs, limits, continuous, goals, end };
}

async function journalOf(
  nameOrPath: string | undefined,
  { cwd = requireFolder(currentFolder()), env }: ReadRunOptions,
): Promise<string> {
  const loaded = await loadSettings({ cwd, ...(env !== undefined && { environment: env, envFile: false }) });
  const { home } = loaded.settings;
  if (nameOrPath === undefined) return journalFile(runDirectory(home, await lastRunOf(home)));
  if (runNames(home).includes(nameOrPath)) return journalFile(runDirectory(home, nameOrPath));
  const path = resolve(cwd, nameOrPath);
  const file = (await kindOf(path)) === "folder" ? journalFile(path) : path;
  if ((await kindOf(file)) === "file") return file;
  throw new SettingsError(`There is no run ${JSON.stringify(nameOrPath)} in ${home}, and no journal at ${file}.`);
}

const kindOf = (path: string): Promise<"folder" | "file" | null> =>
  stat(path).then(
    (entry) => (entry.isDirectory() ? "folder" : "file"),
    () => null,
  );
