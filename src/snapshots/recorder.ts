import { existsSync } from "node:fs";
import type { Found, Keeper } from "../workspace/keeper.js";
import type { Change, Entry } from "./entry.js";
import { isSameEntry } from "./entry.js";
import { differences, historyOf, type SnapshotHistory } from "./history.js";
import { openSnapshotLog, packsDirectory, readSnapshotLog, snapshotFile, type SnapshotLog } from "./log.js";
import { openObjects, type Objects } from "./objects.js";
import { mostFileBytes, readTree, type Tree } from "./tree.js";

/** What a command may change: these paths below the workspace, or any. */
export type Touched = readonly string[] | "all";

/** Keeps what commands are about to change, so that it can be put back. */
export interface Snapshots {
  /** Before a command runs: on disk when this resolves. */
  before(step: number, touched: Touched): Promise<void>;
  /** After it, and after everything that it left running, as far as that has come. */
  after(step: number): Promise<void>;
  /** Records what a part of the run that was killed has changed, and what programs in the background did since their step. */
  close(): Promise<void>;
}

export type SnapshotOptions = {
  home: string;
  run: string;
  /** The workspace's real path. */
  root: string;
  keeper: Keeper;
  /** Whether programs that the run started in the background may have changed something since the last step. */
  hasJobs(): boolean;
  /** Says something to the person that is no event. */
  warn(text: string): void;
};

/** Keeps nothing. */
export const noSnapshots: Snapshots = {
  before: () => Promise.resolve(),
  after: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

type Opened = { objects: Objects; log: SnapshotLog; history: SnapshotHistory };
type Begun = { step: number; all: boolean; before: ReadonlyMap<string, Entry | null> };

/**
 * Opens nothing before the first command that may change something. Where something cannot be kept, the person is told once and the
 * run goes on: what is done from then on cannot be undone.
 */
export function createSnapshots(options: SnapshotOptions): Snapshots {
  const { home, run, root, keeper, hasJobs, warn } = options;
  const isLeftOut = (path: string): boolean => !keeper.reaches(path) || path.split("/").at(-1) === ".git";
  let opened: Promise<Opened> | null = null;
  let broken = false;
  let tree: Tree | null = null;
  let begun: Begun | null = null;
  let lastStep = 0;

  const lookAll = async ({ objects }: Opened): Promise<Tree> =>
    readTree({ root, objects, isLeftOut }, tree ?? new Map());
  const look = async ({ objects }: Opened, path: string): Promise<Entry | null> =>
    kept(await keeper.look(path, mostFileBytes), objects);

  /** What an earlier part of the run was doing when it was ended is looked at now. */
  const open = async (): Promise<Opened> => {
    const { lines, validBytes } = await readSnapshotLog(home, run);
    const history = historyOf(lines);
    const objects = await openObjects(packsDirectory(home), run);
    const all = { objects, log: openSnapshotLog(home, run, validBytes), history };
    if (history.open !== null) {
      const { step, paths } = history.open;
      begun = { step, all: history.open.all, before: new Map(paths.map(({ path, entry }) => [path, entry])) };
      await finish(all, history.tree);
    }
    return all;
  };

  /** The state before is that of `known` where all of the workspace may have been changed. */
  const finish = async (all: Opened, known: ReadonlyMap<string, Entry> | null): Promise<void> => {
    if (begun === null) return;
    const { step, before } = begun;
    const changes = begun.all ? await changesOfAll(all, known ?? new Map()) : await changesOf(all, before);
    all.objects.sync();
    all.log.append({ type: "after", step, changes });
    begun = null;
  };
  const changesOfAll = async (all: Opened, known: ReadonlyMap<string, Entry>): Promise<Change[]> => {
    tree = await lookAll(all);
    return differences(known, entriesOf(tree));
  };
  const changesOf = async (all: Opened, before: ReadonlyMap<string, Entry | null>): Promise<Change[]> => {
    const changes: Change[] = [];
    for (const [path, entry] of before) {
      const after = await look(all, path);
      if (!isSameEntry(entry, after)) changes.push({ path, before: entry, after });
      if (after === null) tree?.delete(path);
      else tree?.set(path, { entry: after, facts: null });
    }
    return changes;
  };

  const beginAll = async (all: Opened, step: number): Promise<void> => {
    const known = tree === null ? all.history.tree : entriesOf(tree);
    tree = await lookAll(all);
    const entries = entriesOf(tree);
    if (known === null)
      all.log.append({ type: "tree", step, entries: [...entries].map(([path, entry]) => ({ path, entry })) });
    else {
      const changes = differences(known, entries);
      // What programs of the run did after their step is counted to it.
      if (changes.length > 0)
        all.log.append(hasJobs() ? { type: "after", step: step - 1, changes } : { type: "outside", step, changes });
    }
    begun = { step, all: true, before: new Map() };
    all.objects.sync();
    all.log.append({ type: "before", step, all: true, paths: [] }, { sync: true });
  };
  const beginPaths = async (all: Opened, step: number, paths: readonly string[]): Promise<void> => {
    const before = new Map<string, Entry | null>();
    for (const path of withMissingParents(paths)) before.set(path, await look(all, path));
    // A folder is all that is in it.
    const isFolder = paths.some((path) => before.get(path)?.kind === "folder");
    if (isFolder) return beginAll(all, step);
    begun = { step, all: false, before };
    all.objects.sync();
    const listed = [...before].map(([path, entry]) => ({ path, entry }));
    all.log.append({ type: "before", step, all: false, paths: listed }, { sync: true });
  };

  const orGoOn = async (work: (all: Opened) => Promise<void>): Promise<void> => {
    if (broken) return;
    try {
      opened ??= open();
      await work(await opened);
    } catch (thrown) {
      broken = true;
      warn(`WARNING: What the commands change from now on cannot be undone: ${(thrown as Error).message}`);
    }
  };
  return {
    async before(step, touched) {
      lastStep = step;
      if (touched.length === 0) return;
      await orGoOn((all) => (touched === "all" ? beginAll(all, step) : beginPaths(all, step, touched)));
    },
    async after() {
      if (begun === null) return;
      const known = tree === null ? null : entriesOf(tree);
      await orGoOn((all) => finish(all, known));
    },
    async close() {
      if (opened === null && !existsSync(snapshotFile(home, run))) return;
      await orGoOn(async (all) => {
        if (!hasJobs() || tree === null) return;
        const changes = await changesOfAll(all, entriesOf(tree));
        all.objects.sync();
        if (changes.length > 0) all.log.append({ type: "after", step: lastStep, changes });
      });
      const all = await opened?.catch(() => null);
      all?.objects.close();
      all?.log.close();
    },
  };
}

const entriesOf = (tree: Tree): Map<string, Entry> => new Map([...tree].map(([path, { entry }]) => [path, entry]));

/** The paths, and the folders on the way to them, which a command may make. */
function withMissingParents(paths: readonly string[]): string[] {
  const all = new Set<string>();
  for (const path of paths) {
    const names = path.split("/");
    names.forEach((_name, index) => all.add(names.slice(0, index + 1).join("/")));
  }
  return [...all];
}

/** What was found as it is recorded; the bytes of a file are kept. */
export function kept(found: Found | null, objects: Objects): Entry | null {
  if (found?.kind !== "file") return found;
  const { mode, size, bytes } = found;
  return { kind: "file", mode, size, hash: bytes === null ? null : objects.put(bytes) };
}
