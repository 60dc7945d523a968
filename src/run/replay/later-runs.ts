import { firstEvent } from "../../history/listing/first-event.js";
import { journalFile } from "../../history/run-log.js";
import { inOrder, runDirectory, runFolders } from "../../history/runs.js";
import { historyOf } from "../../snapshots/history.js";
import { packsDirectory, readSnapshotLog, type SnapshotLine } from "../../snapshots/log.js";
import { openObjects } from "../../snapshots/objects.js";
import { carryOutUndo, planUndo } from "../../snapshots/undo.js";
import type { Keeper } from "../../workspace/keeper.js";

type Run = { home: string; run: string; workspace: string };

/** A run, and what is on record of what it has changed. */
export type LaterRun = { name: string; lines: SnapshotLine[] };

/**
 * Takes back, in a copy of their workspace, what these runs have changed there, in this order. Resolves to the paths of which
 * that is not possible: somebody else has changed them since, or what they held is not kept.
 */
export async function takeBackRuns(home: string, later: readonly LaterRun[], keeper: Keeper): Promise<string[]> {
  const left = new Set<string>();
  for (const { name, lines } of later) {
    const history = historyOf(lines);
    const objects = await openObjects(packsDirectory(home), name);
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

/** The runs of this home that began behind this one and have changed something in the same workspace, the newest first. */
export async function laterRuns({ home, run, workspace }: Run): Promise<LaterRun[]> {
  const names = inOrder(runFolders(home));
  const later: LaterRun[] = [];
  for (const name of names.slice(names.indexOf(run) + 1).reverse()) {
    const { lines } = await readSnapshotLog(home, name).catch(() => ({ lines: [] }));
    if (historyOf(lines).changes.length === 0) continue;
    const first = await firstEvent(journalFile(runDirectory(home, name))).catch(() => null);
    if (first?.["workspace"] === workspace) later.push({ name, lines });
  }
  return later;
}
