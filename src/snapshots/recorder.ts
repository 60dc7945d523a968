import { existsSync } from "node:fs";
import { messageOf } from "../errors.js";
import type { Found, Keeper } from "../workspace/keeper.js";
import { type Change, type Entry, isSameEntry } from "./entry.js";
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
  /** Whether the step that is at work is looked through as a whole, so that `after` tells all that it has changed. */
  looksThrough(): boolean;
  /** After it, and after everything that it left running, as far as that has come: what it changed; null where that was not looked at. */
  after(step: number): Promise<readonly Change[] | null>;
  /**
   * What a step of the run has changed, as far as it is recorded, also where an earlier part was killed in it; null where nothing of
   * the run is.
   */
  changesOf(step: number): Promise<readonly Change[] | null>;
  /** Records what a part of the run that was killed has changed, and what programs in the background did since their step. */
  close(): Promise<void>;
}

export type SnapshotOptions = {
  home: string;
  run: string;
  /** The workspace's real path. */
  root: string;
  keeper: Keeper;
  /** Whether a text holds one of the user's keys: what holds one is not kept, nor named. */
  holdsSecret(text: string): boolean;
  /** Whether programs that the run started in the background may have changed something since the last step. */
  hasJobs(): boolean;
  /** Says something to the person that is no event. */
  warn(text: string): void;
};

/** Keeps nothing. */
export const noSnapshots: Snapshots = {
  before: () => Promise.resolve(),
  looksThrough: () => false,
  after: () => Promise.resolve(null),
  changesOf: () => Promise.resolve(null),
  close: () => Promise.resolve(),
};

/** What an open record of a run consists of. `tree` is the workspace as it was last looked through, `begun` a step that is at work. */
type Recorder = Pick<SnapshotOptions, "root" | "keeper" | "hasJobs" | "holdsSecret"> & {
  objects: Objects;
  log: SnapshotLog;
  history: SnapshotHistory;
  tree: Tree | null;
  begun: Begun | null;
};
type Begun = { step: number; all: boolean; before: ReadonlyMap<string, Entry | null> };

/**
 * Opens nothing before the first command that may change something. Where something cannot be kept, the person is told once and the
 * run goes on: what is done from then on cannot be undone.
 */
export function createSnapshots(options: SnapshotOptions): Snapshots {
  let opened: Promise<Recorder> | null = null;
  let broken = false;
  let lastStep = 0;
  let begun: Touched = [];
  const orGoOn = async (work: (recorder: Recorder) => Promise<void>): Promise<void> => {
    if (broken) return;
    try {
      opened ??= openRecorder(options);
      await work(await opened);
    } catch (thrown) {
      broken = true;
      options.warn(`WARNING: What commands change from now on cannot be undone: ${messageOf(thrown)}`);
    }
  };
  return {
    async before(step, touched) {
      lastStep = step;
      begun = touched;
      if (touched.length === 0) return;
      await orGoOn((recorder) => (touched === "all" ? beginAll(recorder, step) : beginPaths(recorder, step, touched)));
    },
    looksThrough: () => begun === "all" && !broken,
    async after() {
      let changes: readonly Change[] | null = null;
      if (opened !== null) await orGoOn(async (recorder) => void (changes = await finish(recorder)));
      return changes;
    },
    async changesOf(step) {
      if (opened === null && !existsSync(snapshotFile(options.home, options.run))) return null;
      let changes: readonly Change[] | null = null;
      await orGoOn(({ history }) => {
        changes = history.changes.filter((change) => change.by === "run" && change.step === step).map(plainChange);
        return Promise.resolve();
      });
      return changes;
    },
    async close() {
      if (opened === null && !existsSync(snapshotFile(options.home, options.run))) return;
      await orGoOn((recorder) => recordJobs(recorder, lastStep));
      await orGoOn(toDisk);
      const recorder = await opened?.catch(() => null);
      recorder?.objects.close();
      recorder?.log.close();
    },
  };
}

const plainChange = ({ path, before, after }: Change): Change => ({ path, before, after });

/** What an earlier part of the run was doing when it was ended is looked at now. */
async function openRecorder({ home, run, root, keeper, hasJobs, holdsSecret }: SnapshotOptions): Promise<Recorder> {
  const { lines, validBytes } = await readSnapshotLog(home, run);
  const history = historyOf(lines);
  const objects = await openObjects(packsDirectory(home), run, holdsSecret);
  const log = openSnapshotLog(home, run, validBytes);
  const recorder: Recorder = { root, keeper, hasJobs, holdsSecret, objects, log, history, tree: null, begun: null };
  if (history.open === null) return recorder;
  const { step, all, paths } = history.open;
  recorder.begun = { step, all, before: new Map(paths.map(({ path, entry }) => [path, entry])) };
  await finish(recorder);
  return recorder;
}

async function beginAll(recorder: Recorder, step: number): Promise<void> {
  const { log, hasJobs } = recorder;
  const known = knownEntries(recorder);
  const entries = entriesOf((recorder.tree = await lookThrough(recorder)));
  if (known === null) {
    log.append({ type: "tree", step, entries: [...entries].map(([path, entry]) => ({ path, entry })) });
  } else {
    const changes = differences(known, entries);
    // What programs of the run did after their step is counted to it.
    const line = hasJobs() ? ({ type: "after", step: step - 1 } as const) : ({ type: "outside", step } as const);
    if (changes.length > 0) log.append({ ...line, changes });
  }
  recorder.begun = { step, all: true, before: new Map() };
  log.append({ type: "before", step, all: true, paths: [] });
  await toDisk(recorder);
}

async function beginPaths(recorder: Recorder, step: number, paths: readonly string[]): Promise<void> {
  const { log } = recorder;
  const before = new Map<string, Entry | null>();
  for (const path of withFoldersAbove(paths))
    if (!recorder.holdsSecret(path)) before.set(path, await lookAt(recorder, path));
  // A folder is all that is in it.
  if (paths.some((path) => before.get(path)?.kind === "folder")) return beginAll(recorder, step);
  recorder.begun = { step, all: false, before };
  const listed = [...before].map(([path, entry]) => ({ path, entry }));
  log.append({ type: "before", step, all: false, paths: listed });
  await toDisk(recorder);
}

/** What is needed to take back a step has to be there before it begins; what it has come to, before the next one does. */
const toDisk = async ({ objects, log }: Recorder): Promise<void> => {
  await Promise.all([objects.sync(), log.sync()]);
};

/** Records what the step that is at work has changed. */
async function finish(recorder: Recorder): Promise<Change[] | null> {
  const { begun, log } = recorder;
  if (begun === null) return null;
  const changes = begun.all ? await changesOfAll(recorder) : await changesOfPaths(recorder, begun.before);
  log.append({ type: "after", step: begun.step, changes });
  recorder.history.changes.push(...changes.map((change) => ({ ...change, by: "run" as const, step: begun.step })));
  recorder.begun = null;
  return changes;
}

async function recordJobs(recorder: Recorder, step: number): Promise<void> {
  if (!recorder.hasJobs() || recorder.tree === null) return;
  const changes = await changesOfAll(recorder);
  if (changes.length > 0) recorder.log.append({ type: "after", step, changes });
}

async function changesOfAll(recorder: Recorder): Promise<Change[]> {
  const known = knownEntries(recorder) ?? new Map<string, Entry>();
  recorder.tree = await lookThrough(recorder);
  return differences(known, entriesOf(recorder.tree));
}

async function changesOfPaths(recorder: Recorder, before: ReadonlyMap<string, Entry | null>): Promise<Change[]> {
  const changes: Change[] = [];
  for (const [path, entry] of before) {
    const after = await lookAt(recorder, path);
    if (!isSameEntry(entry, after)) changes.push({ path, before: entry, after });
    if (after === null) recorder.tree?.delete(path);
    else recorder.tree?.set(path, { entry: after, facts: null });
  }
  return changes;
}

const knownEntries = ({ tree, history }: Recorder): ReadonlyMap<string, Entry> | null =>
  tree === null ? history.tree : entriesOf(tree);

/** A repository's own folder is large, and commands cannot change it. */
const lookThrough = ({ root, objects, keeper, tree, holdsSecret }: Recorder): Promise<Tree> =>
  readTree(
    {
      root,
      objects,
      isLeftOut: (path) => !keeper.reaches(path) || path.split("/").at(-1) === ".git" || holdsSecret(path),
    },
    tree ?? new Map(),
  );

const lookAt = async ({ keeper, objects }: Recorder, path: string): Promise<Entry | null> =>
  kept(await keeper.look(path, mostFileBytes), objects);

const entriesOf = (tree: Tree): Map<string, Entry> => new Map([...tree].map(([path, { entry }]) => [path, entry]));

/** The paths, and the folders on the way to them, which a command may make. */
function withFoldersAbove(paths: readonly string[]): string[] {
  const all = new Set<string>();
  for (const path of paths) {
    const names = path.split("/");
    names.forEach((_name, index) => all.add(names.slice(0, index + 1).join("/")));
  }
  return [...all];
}

/** What was found as it is recorded; the bytes of a file are kept. */
function kept(found: Found | null, objects: Objects): Entry | null {
  if (found?.kind !== "file") return found;
  const { mode, size, bytes } = found;
  return { kind: "file", mode, size, hash: bytes === null ? null : objects.put(bytes) };
}
