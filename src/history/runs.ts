import { randomBytes } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, RunError } from "../errors.js";
import { lockHolder, takeLock, type Lock } from "../storage/lock.js";
import type { Totals } from "./event-parts.js";
import type { RecordedRun } from "./read-run.js";
import { journalFile } from "./run-log.js";
import { isMissing } from "../base/system-error.js";

export const runsDirectory = (home: string): string => join(home, "runs");
export const runDirectory = (home: string, run: string): string => join(runsDirectory(home), run);
const runLock = (directory: string): string => join(directory, "lock");

/** A new run's name: its time in UTC, so that names sort by age, and a few random letters. */
export function newRunName(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const milliseconds = String(now.getUTCMilliseconds()).padStart(3, "0");
  return `${stamp}-${milliseconds}-${randomBytes(2).toString("hex")}`;
}

/** Makes the run's folder and returns its path. Throws RunError (fault) where that is impossible. */
export function createRunDirectory(home: string, run: string): string {
  const directory = runDirectory(home, run);
  return orNoJournal(directory, () => {
    mkdirSync(directory, { recursive: true });
    return directory;
  });
}

/** Takes the lock that keeps a run in one process. Throws RunError (fault) where it cannot be written. */
export const lockRun = (directory: string): Lock => orNoJournal(directory, () => takeLock(runLock(directory)));

function orNoJournal<Made>(directory: string, make: () => Made): Made {
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
export async function runNames(home: string): Promise<string[]> {
  const entries = await readdir(runsDirectory(home), { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const never = await Promise.all(names.map((name) => neverBegan(runDirectory(home, name))));
  return names.filter((_name, index) => !never[index]).sort();
}

/** Whether it is certain that the journal in this folder has no first line; one that cannot be read may have. */
async function neverBegan(directory: string): Promise<boolean> {
  try {
    for await (const chunk of createReadStream(journalFile(directory))) {
      if ((chunk as Buffer).includes("\n")) return false;
    }
    return true;
  } catch (thrown) {
    return isMissing(thrown);
  }
}

/** Removes the folder of a run that never began, and nothing that was not made for it. */
export async function removeUnbegun(directory: string): Promise<void> {
  if (!(await neverBegan(directory))) return;
  await rm(journalFile(directory), { force: true });
  await rmdir(join(directory, "tmp")).catch(() => undefined);
  await rmdir(directory).catch(() => undefined);
}

export type RunSummary = {
  run: string;
  /** `running`, `killed` (no end in its journal), `unreadable`, or the reason of its end. */
  state: string;
  aiName: string | null;
  steps: number;
  costUsd: number;
  /** All that it has used so far; null where its journal cannot be read. */
  usage: Totals | null;
  started: string | null;
  problem?: string;
};

/** One line a run: name, state, steps, cost. A journal that cannot be read is listed as such. */
export async function summarizeRuns(home: string): Promise<RunSummary[]> {
  const names = await runNames(home);
  return Promise.all(names.map((name) => summarize(home, name)));
}

async function summarize(home: string, run: string): Promise<RunSummary> {
  try {
    const { readRunNamed } = await import("./read-run.js");
    const recorded = await readRunNamed(runsDirectory(home), run);
    const state = stateOf(runDirectory(home, run), recorded);
    const { start, steps, spent } = recorded;
    const shown = { aiName: start.aiName, steps: steps.length, costUsd: spent.costUsd, usage: spent };
    return { run, state, ...shown, started: start.time };
  } catch (thrown) {
    const nothing = { aiName: null, steps: 0, costUsd: 0, usage: null, started: null };
    return { run, state: "unreadable", ...nothing, problem: messageOf(thrown) };
  }
}

const stateOf = (directory: string, { end }: RecordedRun): string =>
  lockHolder(runLock(directory)) === null ? (end?.reason ?? "killed") : "running";
