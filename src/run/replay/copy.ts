import { lstat, mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { isObject, parseJson } from "../../base/json.js";
import type { RecordedSession } from "../../cassette/read-cassette.js";
import { ownFiles, workspaceOf } from "../../compose/code.js";
import { runDirectory } from "../../history/runs.js";
import { SettingsError } from "../../errors.js";
import { isWithin } from "../../protection/guarded.js";
import type { Settings } from "../../settings/schema.js";
import type { SnapshotHistory } from "../../snapshots/history.js";
import type { Objects } from "../../snapshots/objects.js";
import { carryOutUndo, planUndo } from "../../snapshots/undo.js";
import type { Workspace } from "../../workspace/workspace.js";
import { copyTree } from "./copy-tree.js";
import { takeBackRuns, type LaterRun } from "./later-runs.js";

/** The copy that a replay works in. Nothing outside it is changed. */
export type Copy = { home: string; workspace: string };

/** What a run keeps of the files that it changed. */
export type Kept = { history: SnapshotHistory; objects: Objects };

/** Files that could not be made what they were, by their paths in the workspace. */
export type NotAsThen = string[];

/** The workspace of the copy as the snapshots take it. */
export const workspaceIn = (copy: Copy, settings: Settings): Promise<Workspace> =>
  workspaceOf(copy.workspace, ownFiles(settings, copy.home), join(copy.home, "tmp"));

/**
 * Copies the workspace, without the program's own folder, takes back what the runs `later` have changed there, and brings the copy to what it
 * was after step `step` of this one. Resolves to the files that are not what they were then.
 */
export async function copyWorkspace(
  from: string,
  {
    copy,
    settings,
    home,
    later,
    kept,
    steps,
  }: {
    copy: Copy;
    settings: Settings;
    home: string;
    later: readonly LaterRun[];
    kept: Kept | null;
    steps: number;
  },
  step: number,
): Promise<NotAsThen> {
  await mkdir(copy.workspace, { recursive: true });
  const own = await realpath(home).catch(() => home);
  const root = await realpath(from).catch(() => null);
  if (root === null) return ["."];
  const { home: copyHome, workspace } = copy;
  // Also where it is a link: what the replay writes there would be written behind it.
  const inside = isWithin(workspace, copyHome) ? join(root, relative(workspace, copyHome)) : own;
  const missed = await copyTree(root, workspace, (path) =>
    [own, inside, copyHome, workspace].some((one) => isWithin(one, path)),
  );
  await refuseLinkedHome(copy);
  const { keeper } = await workspaceIn(copy, settings);
  const left = await takeBackRuns(home, later, keeper);
  if (kept === null) return [...new Set([...missed, ...left])];
  const { history, objects } = kept;
  const last = Math.max(steps, ...history.changes.map((change) => change.step));
  const plan = await planUndo(history, { last, to: step }, keeper, (hash) =>
    Promise.resolve(hash !== null && objects.has(hash)),
  );
  await carryOutUndo(plan, keeper, (hash) => objects.get(hash));
  const isBack = new Set([...plan.changes, ...plan.already].map(({ path }) => path));
  const still = [...missed, ...left].filter((path) => !isBack.has(path));
  return [...new Set([...still, ...plan.kept, ...plan.lost, ...plan.failed.map(({ path }) => path)])];
}

/** Throws SettingsError where the program's own folder in the copy would lie behind a link, so outside the copy. */
async function refuseLinkedHome({ home, workspace }: Copy): Promise<void> {
  for (let place = home; isWithin(workspace, place); place = dirname(place))
    if ((await lstat(place).catch(() => null))?.isSymbolicLink() === true)
      throw new SettingsError(
        `The run cannot be run again: its AUTOGPT_HOME lies behind the link ${JSON.stringify(relative(workspace, place))} of its workspace, which leads out of the copy.`,
      );
}

/** Makes the changes of some steps in the copy, those of the run or of others. */
export async function applyChanges(
  { history, objects }: Kept,
  { keeper }: Pick<Workspace, "keeper">,
  { step, by }: { step: number; by: "run" | "other" },
): Promise<void> {
  const changes = history.changes.filter((change) => change.step === step && change.by === by);
  if (changes.length === 0) return;
  const now = await Promise.all(
    changes.map(async (change) => ({ ...change, before: await lookAt(keeper, change.path) })),
  );
  const plan = { from: step - 1, to: step, changes: now, already: [], kept: [], lost: [], failed: [] };
  await carryOutUndo(plan, keeper, (hash) => objects.get(hash));
}

async function lookAt(keeper: Workspace["keeper"], path: string) {
  const { hashOf } = await import("../../snapshots/objects.js");
  const found = await keeper.look(path, Infinity);
  if (found?.kind !== "file") return found;
  const { mode, size, bytes } = found;
  return { kind: "file" as const, mode, size, hash: bytes === null ? null : hashOf(bytes) };
}

const dayMs = 24 * 60 * 60 * 1000;

/** What the run's program had found out about servers by then, as old as it was then. Throws SettingsError where that would lie outside the copy. */
export async function writeHome(copy: Copy, run: string, { about, time }: RecordedSession): Promise<void> {
  await refuseLinkedHome(copy);
  await mkdir(runDirectory(copy.home, run), { recursive: true });
  const text = about["capabilities"];
  const known = typeof text === "string" ? parseJson(text) : null;
  const late = Math.max(0, Date.now() - Date.parse(time));
  await writeFile(join(copy.home, "servers.json"), JSON.stringify(moved(known, late > dayMs ? late : 0)));
}

/** The same with every `learned` later by so many milliseconds. */
function moved(value: unknown, ms: number): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== "learned" || typeof inner !== "string") return [key, moved(inner, ms)];
      const time = Date.parse(inner);
      return [key, Number.isNaN(time) ? inner : new Date(time + ms).toISOString()];
    }),
  );
}
