import { messageOf, RunError, SettingsError } from "./errors.js";
import type { RunEnd } from "./history/events.js";
import { readRun, type RecordedRun } from "./history/read-run.js";
import { isCompleted, resumePoint, type ResumePoint } from "./history/resume.js";
import { runDirectory, runNames } from "./history/runs.js";

export type ResumedRun = { recorded: RecordedRun; point: ResumePoint; completed: RunEnd | null };

/** The name of the run to resume: this one, or the last of this folder. Throws SettingsError where there is none. */
export async function findRun(home: string, name: string | null): Promise<string> {
  const names = await runNames(home);
  const run = name ?? names.at(-1);
  if (run === undefined) throw new SettingsError(`There is no run to resume in ${home}. Start one with autogpt.`);
  if (names.includes(run)) return run;
  throw new SettingsError(`There is no run ${JSON.stringify(run)} in ${home}. autogpt runs lists them.`);
}

/**
 * What the journal says of a run, and where it goes on; `completed` is its end if nothing is left to do. Throws
 * SettingsError where the journal cannot be read.
 */
export async function readRecordedRun(home: string, run: string): Promise<ResumedRun> {
  try {
    const recorded = await readRun(runDirectory(home, run));
    return { recorded, point: resumePoint(recorded), completed: isCompleted(recorded) ? recorded.end : null };
  } catch (thrown) {
    if (thrown instanceof RunError) throw thrown;
    throw new SettingsError(`The run ${run} cannot be resumed: ${messageOf(thrown)}`, { cause: thrown });
  }
}
