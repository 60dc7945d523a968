import { commandLine } from "../../base/process/command-line.js";
import { escapeLine } from "../../base/escape.js";
import { counted } from "../../base/text.js";
import { replaceFile } from "../../base/files.js";
import { planUndoTo, putBackTo, refuseWhileAtWork, withKeptRun, type KeptRun } from "../../compose/kept-run.js";
import { SettingsError } from "../../errors.js";
import type { JournalEvent } from "../../history/events.js";
import { forkedLines } from "../../history/fork/fork-events.js";
import { runNamed } from "../../history/listing/find-run.js";
import { readEvents } from "../../history/read-events.js";
import { runOf } from "../../history/read-run.js";
import { journalFile } from "../../history/run-log.js";
import { whileLocked } from "../../history/lock/run-lock.js";
import { createRunDirectory, newRunName, runDirectory, runFolders } from "../../history/runs.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Settings } from "../../settings/schema.js";
import { historyOf } from "../../snapshots/history.js";
import { readSnapshotLog } from "../../snapshots/log.js";
import type { UndoPlan } from "../../snapshots/undo.js";

/** Whoever has a run forked. */
export type Forking = {
  version: string;
  cwd: string;
  warn(text: string): void;
  /** Whether the workspace may be put back; what would be done stands in the lines. Without it, only `--yes` says so. */
  putBack?(lines: readonly string[]): Promise<boolean>;
};

/**
 * Makes a new run that goes on behind a step of an earlier one, and resolves to its name: the workspace is put back to what it was
 * then, as an undo does it, and the journal begins with what happened up to there. Throws SettingsError where that cannot be.
 */
export async function forkRun(host: Forking, loaded: LoadedSettings, given: string): Promise<string> {
  const { settings, sources } = loaded;
  const { home, at } = settings;
  const original = await runNamed(home, given);
  if (sources.workspaceDirectory.kind === "flag")
    throw new SettingsError("--fork goes on in the workspace of the run that it comes from: leave -w out.");
  const fork = async (kept: KeptRun | null): Promise<string> => {
    const read = await readEvents(journalFile(runDirectory(home, original)));
    const { steps } = runOf(read);
    const step = at ?? steps.length;
    if (step > steps.length)
      throw new SettingsError(
        `The run ${original} has finished ${counted(steps.length, "step")}, so nothing can go on from step ${step}.`,
      );
    if (kept !== null) await putBack(host, settings, kept, step);
    const run = await newFork(home);
    await writeFork(home, run, read.events, { version: host.version, step });
    return run;
  };
  const { lines } = await readSnapshotLog(home, original);
  return historyOf(lines).changes.length > 0
    ? withKeptRun(loaded, host.cwd, original, fork)
    : whileLocked(home, original, () => fork(null));
}

/** The name of a run that is forked now. */
export const newFork = async (home: string): Promise<string> => newRunName(new Date(), runFolders(home));

/** Writes the journal of a new run that goes on behind a step of the run with these events. */
export async function writeFork(
  home: string,
  run: string,
  events: readonly JournalEvent[],
  from: { version: string; step: number },
): Promise<void> {
  const lines = forkedLines(events, { run, ...from, now: new Date() });
  // All of it or nothing: a part of a journal would be a run that went on from an earlier step.
  await replaceFile(journalFile(createRunDirectory(home, run)), lines.map((line) => `${line}\n`).join(""));
}

/** Brings the workspace to what it was after the step. What somebody else has changed since stays, and is named. */
async function putBack(
  { warn, ...host }: Forking,
  { home, yes }: Pick<Settings, "home" | "yes">,
  kept: KeptRun,
  step: number,
): Promise<void> {
  const { run } = kept;
  await refuseWhileAtWork(kept, home);
  const plan = await planUndoTo(kept, step);
  if (plan.changes.length > 0 && !yes && !(await host.putBack?.(linesOf(plan, run)))) throw notWanted(plan, run);
  await putBackTo(kept, plan, (done) => plan.from !== step || done.length > 0);
  const [failed] = plan.failed;
  if (failed !== undefined)
    throw new SettingsError(`Not all could be put back, so no run was made: ${escapeLine(failed.path)}: ${failed.why}`);
  const left = [...plan.kept, ...plan.lost];
  if (left.length > 0)
    warn(
      `These files are not what they were then, since somebody else has changed them or their content is not kept: ${left.map(escapeLine).join(", ")}`,
    );
}

const mostNamed = 20;

function linesOf({ changes, kept, from }: UndoPlan, run: string): string[] {
  const named = changes
    .slice(0, mostNamed)
    .map(({ path, after }) => `  ${after === null ? "remove  " : "put back"}  ${escapeLine(path)}`);
  return [
    `The workspace has to be put back to what it was then (${commandLine(`undo ${run} --to ${from}`)} reverses it):`,
    ...named,
    ...(changes.length > mostNamed ? [`  and ${changes.length - mostNamed} others`] : []),
    ...(kept.length > 0
      ? [`Kept as they are, since they were changed by somebody else: ${kept.map(escapeLine).join(", ")}`]
      : []),
  ];
}

const notWanted = (plan: UndoPlan, run: string): SettingsError =>
  new SettingsError(
    [...linesOf(plan, run), "Nothing was changed. With --yes it is done without a question."].join("\n"),
  );
