import { firstEvent } from "../../history/listing/first-event.js";
import { journalFile } from "../../history/run-log.js";
import { inOrder, runDirectory, runFolders } from "../../history/runs.js";
import { historyOf } from "../../snapshots/history.js";
import { packsDirectory, readSnapshotLog, type SnapshotLine } from "../../snapshots/log.js";
import { openObjects } from "../../snapshots/objects.js";
import { carryOutUndo, planUndo } from "../../snapshots/undo.js";
import type { Keeper } from "../../workspace/keeper.js";

type Run = { home: string; run: string; workspace: string };

/**
 * Takes back, in a copy of a workspace, what the runs behind this one have changed there, the newest first. Resolves to the paths of which
 * that is not possible: somebody else has changed them since, or what they held is not kept.
 */
export async function takeBackLaterRuns(run: Run, keeper: Keeper): Promise<string[]> {
  const left = new Set<string>();
  for (const { name, lines } of await laterRuns(run)) {
    const history = historyOf(lines);
    const objects = await openObjects(packsDirectory(run.home), name);
    try {
      const last = Math.max(0, ...history.changes.map(({ step }) => step));
      const plan = await planUndo(history, { last, to: 0 }, keeper, (hash) =>
        Promise.resolve(hash !== null && objects.has(hash)),
      );
      const done = await carryOutUndo(plan, keeper, (hash) => objects.get(hash));
      for (const { path } of done) left.delete(path);
      for (const path of [...plan.kept, ...plan.lost, ...plan.failed.map((failed) => failed.path)]) left.add(path);
    } finally {
      objects.close();
    }
  }
  return [...left];
}

/** Whether runs behind this one have changed something in the same workspace. */
export const haveLaterRunsChanged = async (run: Run): Promise<boolean> => (await laterRuns(run)).length > 0;

/** The runs of this home that began behind this one and have changed something in the same workspace, the newest first. */
async function laterRuns({ home, run, workspace }: Run): Promise<{ name: string; lines: SnapshotLine[] }[]> {
  const names = inOrder(await runFolders(home));
  const later: { name: string; lines: SnapshotLine[] }[] = [];
  for (const name of names.slice(names.indexOf(run) + 1).reverse()) {
    const { lines } = await readSnapshotLog(home, name).catch(() => ({ lines: [] }));
    if (historyOf(lines).changes.length === 0) continue;
    const first = await firstEvent(journalFile(runDirectory(home, name))).catch(() => null);
    if (first?.["workspace"] === workspace) later.push({ name, lines });
  }
  return later;
}
