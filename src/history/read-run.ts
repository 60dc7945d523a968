import { join } from "node:path";
import { SettingsError } from "../errors.js";
import type { RunLimits } from "./event-parts.js";
import type { LimitNear, Step } from "./events.js";
import { foldRun, isSameLimits, type RecordedRun } from "./fold/run-fold.js";
import { visitEvents, type ReadEvents } from "./read-events.js";
import { journalFile } from "./run-log.js";

export type { OpenStep, RecordedRun, StartedCommand } from "./fold/run-fold.js";

/** Rebuilds a run from its journal alone. Throws SettingsError for a journal that is damaged, or none of ours. */
export async function readRun(runDirectory: string): Promise<RecordedRun> {
  const steps: Step[] = [];
  const fold = foldRun((step) => steps.push(step));
  const { validBytes } = await visitEvents(journalFile(runDirectory), (event) => fold.add(event));
  return fold.run(steps, validBytes);
}

/** The run that the events of a journal tell of. */
export function runOf({ events, validBytes }: ReadEvents): RecordedRun {
  const steps: Step[] = [];
  const fold = foldRun((step) => steps.push(step));
  for (const event of events) fold.add(event);
  return fold.run(steps, validBytes);
}

/**
 * The run of this name in `runsDirectory`, by whatever reads runs. Throws SettingsError too where the journal is that of another run, as in
 * a copied folder.
 */
export async function readRunNamed(runsDirectory: string, name: string, read = readRun): Promise<RecordedRun> {
  const recorded = await read(join(runsDirectory, name));
  if (recorded.run === name) return recorded;
  throw new SettingsError(
    `${journalFile(join(runsDirectory, name))} is the journal of the run ${JSON.stringify(recorded.run)}, not of ` +
      `${JSON.stringify(name)}. A run's folder bears its name: give the folder that name, or take the copy out of ${runsDirectory}.`,
  );
}

/** The limit before which a run has had its last step already, where it goes on under the same limits; else null. */
export function limitReached(
  { start, lastStep, steps, limits }: RecordedRun,
  now: RunLimits,
): LimitNear["limit"] | null {
  if (lastStep === null || steps.length < lastStep.step || !isSameLimits(limits, now)) return null;
  // What a run took over from the one that it was forked from has used nothing of its limits.
  return lastStep.step <= (start.forkedFrom?.step ?? 0) ? null : lastStep.before;
}

/** The runs that a run was forked from, the nearest first, each with the last step that it took over. */
export function originsOf(recorded: Pick<RecordedRun, "start"> | null): readonly { run: string; step: number }[] {
  const { forkedFrom } = recorded?.start ?? {};
  return forkedFrom === undefined ? [] : [forkedFrom, ...(forkedFrom.earlier ?? [])];
}
