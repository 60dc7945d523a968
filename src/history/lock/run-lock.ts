import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RunError, SettingsError } from "../../errors.js";
import { holdFile, holdFileMeanwhile, type HeldFile } from "../../storage/hold-file.js";
import { lockHolder, lockOwner, takeLock } from "../../storage/lock.js";
import { journalFile } from "../run-log.js";
import { orNoJournal, removeUnbegun, runDirectory, runLock } from "../runs.js";

/** A run that this process alone works on until `release`; or the process that does, which may be one of another container. */
export type RunLock =
  { taken: true; lease: Lease; release(): void } | { taken: false; pid: number; elsewhere: boolean };

/** Whether the run is still ours. Throws RunError (fault) where another process has taken it over: then nothing more may be done for it. */
export type Lease = () => void;

/**
 * Takes the lock that keeps a run in one process: a file that names it, and, where the system can, a hold on the journal that ends
 * with the process. Throws RunError (fault) where it cannot be written.
 */
export function lockRun(directory: string): RunLock {
  return orNoJournal(directory, () => named(directory, holdFile(journalFile(directory))));
}

/** The file that names this process, where the journal is not held by another one. */
function named(directory: string, held: HeldFile): RunLock {
  const file = runLock(directory);
  if (held.state === "held-by-other")
    return { taken: false, pid: lockOwner(file), elsewhere: lockHolder(file) === null };
  const free = (): void => (held.state === "held" ? held.release() : undefined);
  // Nobody else is about to write it: what cannot be read is what a power cut has left.
  const lock = held.state === "held" ? takeLock(file, 0) : takeLock(file);
  if (!lock.taken) {
    free();
    return { ...lock, elsewhere: false };
  }
  return {
    taken: true,
    lease: () => {
      if (!lock.isOurs()) throw takenOver(directory, lockOwner(file));
    },
    release: () => {
      lock.release();
      free();
    },
  };
}

const takenOver = (directory: string, pid: number): RunError =>
  new RunError(
    "fault",
    `This process does nothing more for the run ${basename(directory)}: ${pid === 0 ? "its lock is gone, and another one may be working on it" : `the process ${pid} has taken it over`}.`,
  );

/** That another process works on a run. */
function stillGoingOn(run: string, lock: Extract<RunLock, { taken: false }>): SettingsError {
  const where = lock.elsewhere ? ", in another container or on another machine" : "";
  return new SettingsError(`The run ${run} is still going on, in process ${lock.pid}${where}. Stop that one first.`);
}

const mostTries = 40;
const betweenTriesMs = 25;

/**
 * Works on a run that this process has just made. `requireHold` resolves once the system holds its journal for this process, which takes a
 * moment in which the work goes on: before it nothing may be written to the journal, and so nobody else finds a run there.
 */
export async function whileNewLocked<Result>(
  home: string,
  name: string,
  work: (lease: Lease, requireHold: () => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const directory = runDirectory(home, name);
  const hold = (): Promise<HeldFile> => holdFileMeanwhile(journalFile(directory));
  let holding = hold();
  const requireHold = async (): Promise<void> => {
    // Whoever looks whether the run is free holds it for a moment, and finds our name there.
    for (let left = mostTries; left > 0 && (await holding).state === "held-by-other"; left--) {
      await delay(betweenTriesMs);
      holding = hold();
    }
    if ((await holding).state === "held-by-other")
      throw stillGoingOn(name, { taken: false, pid: lockOwner(runLock(directory)), elsewhere: true });
  };
  const lock = orNoJournal(directory, () => named(directory, { state: "unknown" }));
  if (!lock.taken) throw stillGoingOn(name, lock);
  try {
    return await work(lock.lease, requireHold);
  } finally {
    lock.release();
    const held = await holding;
    if (held.state === "held") held.release();
    await removeUnbegun(directory).catch(() => undefined);
  }
}

/**
 * Works on a run that no other process works on. The lock comes before the journal is read, so that nothing is added to
 * it in between. Throws SettingsError where the run's process still lives. A run that never began leaves nothing behind.
 */
export async function whileLocked<Result>(
  home: string,
  name: string,
  work: (lease: Lease) => Promise<Result>,
): Promise<Result> {
  const directory = runDirectory(home, name);
  const lock = lockRun(directory);
  if (!lock.taken) throw stillGoingOn(name, lock);
  try {
    return await work(lock.lease);
  } finally {
    lock.release();
    await removeUnbegun(directory).catch(() => undefined);
  }
}
