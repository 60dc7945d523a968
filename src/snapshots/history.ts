import { isSameEntry, type Change, type Entry } from "./entry.js";
import type { SnapshotLine } from "./log.js";

/** A change in the order in which it happened, and whether a step of the run made it; `step` is 0 for an undo. */
export type Made = Change & { by: "run" | "other"; step: number };

/** What the lines of a run tell of its workspace. */
export type SnapshotHistory = {
  changes: Made[];
  /** The steps of which it was found out what they changed. */
  steps: Set<number>;
  /** After which step the workspace stands, as undone; null where nothing was undone since the run went on. */
  position: number | null;
  /** Where it stood before the last undo. */
  before: number | null;
  /** Whether some of the last undo is still to be done. */
  unfinished: boolean;
  /** The paths of a command that started and of which it is not known what it changed. */
  open: { step: number; all: boolean; paths: { path: string; entry: Entry | null }[] } | null;
  /** The workspace as it was last known, where all of it is known. */
  tree: Map<string, Entry> | null;
};

export function historyOf(lines: readonly SnapshotLine[]): SnapshotHistory {
  const history: SnapshotHistory = {
    changes: [],
    steps: new Set(),
    position: null,
    before: null,
    unfinished: false,
    open: null,
    tree: null,
  };
  for (const line of lines) follow(history, line);
  return history;
}

function follow(history: SnapshotHistory, line: SnapshotLine): void {
  switch (line.type) {
    case "before":
      history.open = { step: line.step, all: line.all, paths: line.paths };
      break;
    case "tree":
      history.tree = new Map(line.entries.map(({ path, entry }) => [path, entry]));
      break;
    case "outside":
      add(history, line.changes, "other", line.step);
      break;
    case "after":
      add(history, line.changes, "run", line.step);
      history.steps.add(line.step);
      history.open = null;
      history.position = null;
      history.before = null;
      history.unfinished = false;
      break;
    case "undo":
      add(history, line.changes, "run", 0);
      stand(history, line);
  }
}

/** Where the workspace stands after an undo. */
function stand(
  history: SnapshotHistory,
  { from, to, all, failed = [] }: Extract<SnapshotLine, { type: "undo" }>,
): void {
  const unfinished = failed.length > 0;
  if (from === to && !unfinished) return;
  const isAllBack = all === true && to > from && !unfinished;
  history.position = isAllBack ? null : to;
  history.before = isAllBack ? null : from;
  history.unfinished = unfinished;
}

/** After which step the workspace stands for an undo to the state after step `to`: one that goes on with an unfinished undo begins where that began. */
export function standsAfter({ position, before, unfinished }: SnapshotHistory, last: number, to: number): number {
  if (position === null) return last;
  const goesOn = unfinished && before !== null && (before > position ? to <= position : to >= position);
  return goesOn ? before : position;
}

function add(history: SnapshotHistory, changes: readonly Change[], by: Made["by"], step: number): void {
  for (const change of changes) {
    history.changes.push({ ...change, by, step });
    if (history.tree === null) continue;
    if (change.after === null) history.tree.delete(change.path);
    else history.tree.set(change.path, change.after);
  }
}

/** What differs between two states of a workspace, by path. */
export function differences(before: ReadonlyMap<string, Entry>, after: ReadonlyMap<string, Entry>): Change[] {
  const changes: Change[] = [];
  const compare = (path: string): void => {
    const change = { path, before: before.get(path) ?? null, after: after.get(path) ?? null };
    if (!isSameEntry(change.before, change.after)) changes.push(change);
  };
  for (const path of after.keys()) compare(path);
  for (const path of before.keys()) if (!after.has(path)) compare(path);
  return changes.sort((one, other) => (one.path < other.path ? -1 : 1));
}
