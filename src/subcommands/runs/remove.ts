import { commandLine } from "../../base/process/command-line.js";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { escapeControls } from "../../base/escape.js";
import { counted, sizeText } from "../../base/text.js";
import { table } from "../../console/text/table.js";
import { whenText } from "../../console/text/words.js";
import { messageOf, SettingsError } from "../../errors.js";
import { forgetRuns, runsWithSnapshots } from "../../snapshots/prune.js";
import { runNamed } from "../../history/listing/find-run.js";
import { lockRun } from "../../history/lock/run-lock.js";
import { lockHolderOf, runDirectory, runNames, startOfRun } from "../../history/runs.js";
import type { RemovalTalk } from "./confirm-removal.js";

export type RemoveOptions = RemovalTalk & {
  home: string;
  /** Runs as the user names them. */
  given: readonly string[];
  /** Those that began longer ago than this, too, in milliseconds. */
  olderThan: number | null;
  now: Date;
};

/**
 * `autogpt runs rm`: says what goes, asks, and removes the folders of runs with all that is in them, and what is kept of the files that
 * they changed, as far as no other run needs it. A run that a process
 * works on stays, and is named. Resolves to how many are gone; throws SettingsError where nothing is named, or nobody can be asked.
 */
export async function removeRuns(options: RemoveOptions): Promise<number> {
  const { home, say, confirm, now } = options;
  const chosen = await chosenRuns(options);
  const living = chosen.filter((run) => lockHolderOf(home, run) !== null);
  for (const run of living) say(`The run ${run} is still going on, and stays.`);
  const going = chosen.filter((run) => !living.includes(run));
  if (going.length === 0) {
    say("There is nothing to remove.");
    return 0;
  }
  const sizes = await Promise.all(going.map((run) => sizeOfFolder(runDirectory(home, run))));
  const rows = going.map((run, index) => [
    run,
    whenText(new Date(startOfRun(run) ?? NaN), now),
    sizeText(sizes[index] ?? 0),
  ]);
  say(table([{ heading: "Run" }, { heading: "Began" }, { heading: "Size", align: "right" }], rows, undefined));
  if (confirm === null)
    throw new SettingsError("There is no terminal to ask on. With --yes these runs are removed without a question.");
  const whole = sizeText(sizes.reduce((sum, size) => sum + size, 0));
  if (
    !(await confirm(
      `Remove ${counted(going.length, "run")} (${whole}), with journals, and with what is kept of the files that they changed? They can be neither resumed nor undone then. (y/N) `,
    ))
  ) {
    say("Nothing was removed.");
    return 0;
  }
  for (const run of going) await removeRun(runDirectory(home, run));
  say(`Removed ${counted(going.length, "run")}.`);
  const left = await forgetFiles(home, going);
  if (left !== null) say(left);
  return going.length;
}

/** Removes what was kept of files that these runs changed. Resolves to a sentence where that has to wait, or fails. */
async function forgetFiles(home: string, gone: readonly string[]): Promise<string | null> {
  try {
    const kept = runsWithSnapshots(home);
    const theirs = kept.filter((run) => gone.includes(run));
    if (kept.some((run) => lockHolderOf(home, run) !== null))
      return theirs.length === 0
        ? null
        : "What is kept of the files that they changed goes when the next run begins while no other is going on.";
    await forgetRuns(home, theirs);
    return null;
  } catch (thrown) {
    return `WARNING: What is kept of the files that they changed could not be removed: ${messageOf(thrown)}`;
  }
}

async function chosenRuns({ home, given, olderThan, now }: RemoveOptions): Promise<string[]> {
  if (given.length === 0 && olderThan === null)
    throw new SettingsError(`Name the runs to remove, or say --older-than 30d. ${commandLine("runs")} lists them.`);
  const named: string[] = [];
  for (const one of given) named.push(await runNamed(home, one));
  if (olderThan === null) return [...new Set(named)];
  const old = runNames(home).filter((run) => {
    const began = startOfRun(run);
    // Of a folder with a name of the user's own nobody knows its age.
    return began !== null && now.getTime() - began > olderThan;
  });
  return [...new Set([...named, ...old])];
}

/** The lock is held until the folder is gone: nobody resumes what is being removed. */
async function removeRun(directory: string): Promise<void> {
  const lock = lockRun(directory);
  if (!lock.taken)
    throw new SettingsError(`The run in ${directory} has been resumed meanwhile, by process ${lock.pid}. It stays.`);
  try {
    await rm(directory, { recursive: true });
  } catch (thrown) {
    lock.release();
    throw new SettingsError(
      `${escapeControls(directory, { newlines: "escape" })} cannot be removed: ${messageOf(thrown)}. Remove it by hand.`,
      { cause: thrown },
    );
  }
}

async function sizeOfFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const units: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 7 * 86_400 };

/** `12h`, `30d`, `4w` in milliseconds. Throws SettingsError for anything else. */
export function ageFrom(text: string): number {
  const [, count, unit] = /^(\d+)\s*([hdw])$/i.exec(text.trim()) ?? [];
  const seconds = units[unit?.toLowerCase() ?? ""];
  if (seconds === undefined)
    throw new SettingsError(`--older-than must be an age such as 12h, 30d or 4w, but is ${JSON.stringify(text)}.`);
  return Number(count) * seconds * 1000;
}
