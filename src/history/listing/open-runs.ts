import { isCompletedEnd, isRefusal } from "../resume.js";
import { journalFile } from "../run-log.js";
import { inOrder, lockHolderOf, runDirectory, runFolders } from "../runs.js";
import { lastEventOf } from "./last-event.js";

/** A run that can be resumed: its last event is no end with exit code 0 or 3, nor a refusal, and no process works on it. */
export type OpenRun = {
  run: string;
  /** How many steps it has finished, or is at; null where its last event does not say. */
  step: number | null;
};

/** The newest run of this home that can be resumed, looking at the ends of journals alone; null where there is none. */
export async function newestOpenRun(home: string): Promise<OpenRun | null> {
  for (const run of inOrder(runFolders(home)).reverse()) {
    const open = await openRun(home, run);
    if (open !== null) return open;
  }
  return null;
}

/** The run that began last in this home, where it can be resumed. */
export async function lastRunIfOpen(home: string): Promise<OpenRun | null> {
  const last = inOrder(runFolders(home)).at(-1);
  return last === undefined ? null : openRun(home, last);
}

/** All that can be resumed, newest first. */
export async function openRuns(home: string): Promise<OpenRun[]> {
  const names = inOrder(runFolders(home)).reverse();
  const found = await Promise.all(names.map((run) => openRun(home, run)));
  return found.filter((one) => one !== null);
}

async function openRun(home: string, run: string): Promise<OpenRun | null> {
  if (lockHolderOf(home, run) !== null) return null;
  const last = lastEventOf(journalFile(runDirectory(home, run)));
  // A journal without a whole line never was one of a run.
  if (last === null) return null;
  const { type, exitCode, steps, step } = last;
  if (type === "run-end" && (isCompletedEnd({ exitCode }) || isRefusal(last))) return null;
  const at = type === "run-end" ? steps : step;
  return { run, step: typeof at === "number" ? at : null };
}
