import { secretFinder } from "../base/mask.js";
import { join } from "node:path";
import { ownFiles, workspaceOf } from "./code.js";
import { SettingsError } from "../errors.js";
import { readRunNamed, type RecordedRun } from "../history/read-run.js";
import { lastRunOf, runNamed } from "../history/listing/find-run.js";
import { whileLocked } from "../history/lock/run-lock.js";
import { lockHolderOf, runDirectory, runNames, runsDirectory } from "../history/runs.js";
import type { LoadedSettings } from "../settings/load.js";
import { historyOf, type SnapshotHistory } from "../snapshots/history.js";
import { openSnapshotLog, packsDirectory, readSnapshotLog, type SnapshotLine } from "../snapshots/log.js";
import { openObjects, type Objects } from "../snapshots/objects.js";
import { createSnapshots } from "../snapshots/recorder.js";
import type { Change } from "../snapshots/entry.js";
import { carryOutUndo, planUndo, type UndoPlan } from "../snapshots/undo.js";
import type { Workspace } from "../workspace/workspace.js";

/** A run that nobody works on, and what is kept of what it changed. */
export type KeptRun = {
  run: string;
  recorded: RecordedRun;
  workspace: Workspace;
  history: SnapshotHistory;
  objects: Objects;
  append(line: SnapshotLine): Promise<void>;
};

/**
 * Opens this run, or the last one of the folder that changed something, works with it and closes it; nobody else works on it
 * meanwhile. Throws SettingsError where there is none, where it is still going on, or where nothing of it is kept.
 */
export async function withKeptRun<Result>(
  loaded: LoadedSettings,
  cwd: string,
  name: string | null,
  work: (kept: KeptRun) => Promise<Result>,
): Promise<Result> {
  const { settings } = loaded;
  const { home } = settings;
  const run = name === null ? await lastKept(home) : await runNamed(home, name);
  return whileLocked(home, run, async () => {
    const recorded = await readRunNamed(runsDirectory(home), run);
    const root = recorded.start.workspace;
    const drafts = join(runDirectory(home, run), "tmp");
    const workspace = await workspaceOf(root, ownFiles(settings, cwd, recorded.start.protect), drafts);
    await endKilled(loaded, run, workspace);
    const { lines, validBytes } = await readSnapshotLog(home, run);
    const history = historyOf(lines);
    if (history.changes.length === 0) throw new SettingsError(nothingKept(run, lines.length > 0));
    const objects = await openObjects(packsDirectory(home), run);
    const log = openSnapshotLog(home, run, validBytes);
    try {
      return await work({
        run,
        recorded,
        workspace,
        history,
        objects,
        append: async (line) => {
          log.append(line);
          await log.sync();
        },
      });
    } finally {
      log.close();
      objects.close();
    }
  });
}

/** The last step that began, finished or not. */
export const lastStepOf = ({ recorded, history }: KeptRun): number =>
  Math.max(recorded.steps.length, ...history.changes.map(({ step }) => step));

/** What has to be done so that the workspace is what it was after this step. */
export const planUndoTo = (kept: KeptRun, to: number): Promise<UndoPlan> =>
  planUndo(
    kept.history,
    { last: lastStepOf(kept), to },
    kept.workspace.keeper,
    async (hash) => hash !== null && (await kept.objects.get(hash).catch(() => null)) !== null,
  );

/** Does it, and notes it unless nothing comes of it; what could not be done stands in the plan afterwards. Resolves to what was done. */
export async function putBackTo(
  kept: KeptRun,
  plan: UndoPlan,
  isNoted: (done: readonly Change[]) => boolean = () => true,
): Promise<Change[]> {
  const { objects, workspace, append } = kept;
  const done = await carryOutUndo(plan, workspace.keeper, (hash) => objects.get(hash));
  const failed = plan.failed.map(({ path }) => path);
  if (isNoted(done))
    await append({
      ...{ type: "undo", from: plan.from, to: plan.to, changes: done, kept: plan.kept },
      ...(plan.to === lastStepOf(kept) && { all: true }),
      ...(failed.length > 0 && { failed }),
    });
  return done;
}

/** Throws SettingsError where another run works in the same workspace: it would take what is put back for its own doing. */
export async function refuseWhileAtWork({ run, recorded }: KeptRun, home: string): Promise<void> {
  for (const other of runNames(home)) {
    const pid = other === run ? null : lockHolderOf(home, other);
    if (pid === null) continue;
    const workspace = await readRunNamed(runsDirectory(home), other).then(
      ({ start }) => start.workspace,
      () => null,
    );
    if (workspace !== null && workspace !== recorded.start.workspace) continue;
    throw new SettingsError(
      `The run ${other} is at work in the same workspace, in process ${pid}. Stop that one first, or wait for its end.`,
    );
  }
}

/** The last run that changed something, and where none did, the last. Throws SettingsError where there is none. */
async function lastKept(home: string): Promise<string> {
  for (const run of runNames(home).reverse()) {
    const { lines } = await readSnapshotLog(home, run).catch(() => ({ lines: [] }));
    if (historyOf(lines).changes.length > 0) return run;
  }
  return lastRunOf(home);
}

/** What a run that was killed had changed in its last step is found out now. */
async function endKilled(
  { settings: { home }, secrets }: LoadedSettings,
  run: string,
  { root, keeper }: Workspace,
): Promise<void> {
  const problems: string[] = [];
  const warn = (text: string): void => void problems.push(text);
  await createSnapshots({
    home,
    run,
    root,
    keeper,
    hasJobs: () => false,
    holdsSecret: secretFinder(secrets),
    warn,
  }).close();
  if (problems.length > 0) throw new SettingsError(problems.join(" "));
}

const nothingKept = (run: string, wasKept: boolean): string =>
  wasKept
    ? `The run ${run} changed nothing in its workspace.`
    : `Nothing is kept of what the run ${run} changed: it changed nothing, SNAPSHOTS was off, or it was too long ago (SNAPSHOT_DAYS, SNAPSHOT_LIMIT).`;
