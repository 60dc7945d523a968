import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readSync, statSync, writeFileSync } from "node:fs";
import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeStateFolder } from "../base/folders/state-folder.js";
import { messageOf, RunError } from "../errors.js";
import { lockHolder } from "../storage/lock.js";
import { cassetteFile, journalFile } from "./run-log.js";
import { isMissing } from "../base/system-error.js";

export const runsDirectory = (home: string): string => join(home, "runs");
export const runDirectory = (home: string, run: string): string => join(runsDirectory(home), run);
/** The file that names the process that works on a run. */
export const runLock = (directory: string): string => join(directory, "lock");

const nameOfRun = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(\d{3})-[0-9a-f]{4}$/;

/**
 * A new run's name: its time in UTC, so that names sort by age, and a few random letters. Where the clock stands before
 * the newest of the `earlier` names it is a millisecond more than that one.
 */
export function newRunName(now: Date, earlier: readonly string[]): string {
  const newest = timeOfName(lastRun(earlier) ?? "");
  const time = new Date(Math.max(now.getTime(), newest + 1));
  const stamp = time.toISOString().replace(/[-:]/g, "").replace("T", "-").replace(".", "-").slice(0, 19);
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}

/** The time in a run's name, in ms; 0 where it has none. */
function timeOfName(name: string): number {
  return startOfRun(name) ?? 0;
}

/** When the run of this name began, in ms; null where its name does not say. */
export function startOfRun(name: string): number | null {
  const [, year, month, day, hour, minute, second, milliseconds] = nameOfRun.exec(name) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  return Number.isNaN(time) ? null : time;
}

/** The run that began last, by its name. A folder that a person named comes into question only where there is no other. */
export const lastRun = (names: readonly string[]): string | undefined => inOrder(names).at(-1);

/** Names of runs in the order in which they began; folders that a person named come first. */
export function inOrder(names: readonly string[]): string[] {
  const sorted = [...names].sort();
  const isOwn = (name: string): boolean => nameOfRun.test(name);
  return [...sorted.filter((name) => !isOwn(name)), ...sorted.filter(isOwn)];
}

/** The names of all folders of runs, also of those that never began. Each start asks for them, so they are read at once. */
export function runFolders(home: string): string[] {
  try {
    return readdirSync(runsDirectory(home), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Lies in the folder of a run that another agent has asked for (`autogpt mcp serve`). */
export const agentsMark = (directory: string): string => join(directory, "asked-for-by-an-agent");

/**
 * Makes the run's folder and returns its path; of one that another agent has asked for (`byAgent`) with the mark that says so, before
 * there is a journal. Throws RunError (fault) where that is impossible.
 */
export function createRunDirectory(home: string, run: string, byAgent = false): string {
  const directory = runDirectory(home, run);
  return orNoJournal(directory, () => {
    makeStateFolder(home);
    mkdirSync(directory, { recursive: true });
    if (byAgent) writeFileSync(agentsMark(directory), `${new Date().toISOString()}\n`, { flush: true });
    return directory;
  });
}

/** The id of the process that works on a run; null where none does. */
export const lockHolderOf = (home: string, run: string): number | null => lockHolder(runLock(runDirectory(home, run)));

/** Throws RunError (fault) with advice where a run's folder cannot be written. */
export function orNoJournal<Made>(directory: string, make: () => Made): Made {
  try {
    return make();
  } catch (thrown) {
    throw new RunError(
      "fault",
      `No journal can be written in ${directory}: ${messageOf(thrown)}. Make room or mend the folder, or name another one with AUTOGPT_HOME.`,
      { cause: thrown },
    );
  }
}

/** Names of this home's runs, oldest first. A folder whose journal has not even a first line never was a run. */
export const runNames = (home: string): string[] =>
  runFolders(home)
    .filter((name) => hasBegun(home, name))
    .sort();

/** Whether a folder of runs is one's: not so where its journal has not even a first line. */
export const hasBegun = (home: string, name: string): boolean => !neverBegan(runDirectory(home, name));

/**
 * Whether it is certain that the journal in this folder has no first line; one that cannot be read may have. A list of runs asks it of
 * each of them, so the few bytes are read at once: that takes a tenth of the time in which Node hands them on through its threads.
 */
function neverBegan(directory: string): boolean {
  const file = journalFile(directory);
  try {
    // To open a pipe would wait for somebody who writes into it.
    return statSync(file).isFile() && !hasLine(file);
  } catch (thrown) {
    return isMissing(thrown);
  }
}

function hasLine(file: string): boolean {
  const descriptor = openSync(file, "r");
  const bytes = Buffer.allocUnsafe(4096);
  try {
    for (;;) {
      const length = readSync(descriptor, bytes);
      if (length === 0) return false;
      if (bytes.subarray(0, length).includes("\n")) return true;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Removes the folder of a run that never began, and nothing that was not made for it. What cannot be removed stays. */
export async function removeUnbegun(directory: string): Promise<void> {
  if (!neverBegan(directory)) return;
  try {
    // What came in from outside is on record beside the journal; src/cassette, which is no part below this one, names the file.
    for (const file of [journalFile, cassetteFile, agentsMark].map((of) => of(directory)))
      await rm(file, { force: true });
    await rmdir(join(directory, "tmp")).catch(() => undefined);
    await rmdir(directory);
  } catch {
    // It only takes up room.
  }
}

/** A folder is made before its lock and its journal: a young one may belong to a run that is about to begin. */
const youngMs = 60_000;

/** Whether a file is empty, or not there; not so where nobody can tell. */
function isEmpty(file: string): boolean {
  try {
    return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
  } catch {
    return false;
  }
}

/** So many of the newest are looked at for what was abandoned: each start asks, and what is older was looked at when it was new. */
const newest = 100;

/** Removes what runs left that were killed before the first line of their journal. */
export async function removeAbandonedRuns(home: string): Promise<void> {
  for (const name of inOrder(runFolders(home)).slice(-newest)) {
    const directory = runDirectory(home, name);
    if (!isEmpty(journalFile(directory))) continue;
    const changed = await stat(directory).catch(() => null);
    if (changed === null || Math.abs(Date.now() - changed.mtimeMs) < youngMs) continue;
    if (lockHolderOf(home, name) !== null) continue;
    await removeLock(runLock(directory));
    await removeUnbegun(directory);
  }
}

/** The lock of a dead process, and the drafts of locks beside it. */
async function removeLock(lock: string): Promise<void> {
  const names = await readdir(dirname(lock)).catch(() => []);
  const own = names.filter((name) => name === basename(lock) || name.startsWith(`${basename(lock)}.`));
  for (const name of own) await rm(join(dirname(lock), name), { force: true }).catch(() => undefined);
}
