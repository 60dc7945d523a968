import { codeOf } from "../base/system-error.js";
import { messageOf } from "../errors.js";
import { hashOf } from "./objects.js";
import type { Found, Keeper, Wanted } from "../workspace/keeper.js";
import { isSameEntry, type Change, type Entry } from "./entry.js";
import { standsAfter, type Made, type SnapshotHistory } from "./history.js";
import { isMisread, mostFileBytes } from "./tree.js";

/** What has to be done to bring the workspace from the state after one step to that after another. */
export type UndoPlan = {
  from: number;
  to: number;
  /** What is to lie at each path; null is nothing. */
  changes: Change[];
  /** What lies there as wanted, and is not recorded so: an undo that was killed got as far. */
  already: Change[];
  /** Paths that somebody has changed since, which stay as they are. */
  kept: string[];
  /** Paths whose former content is not kept: it was too large, held a secret, is damaged, or no file's; and what has a name that is not UTF-8. */
  lost: string[];
  /** Paths that the file system does not let us look at or put back, and why, in a sentence. */
  failed: { path: string; why: string }[];
};

/**
 * What an undo to the state after step `to` does, or, where that lies ahead of where the workspace stands, what puts back what was
 * undone. What anybody but the run has changed last is left alone. Nothing is changed yet.
 */
export async function planUndo(
  history: SnapshotHistory,
  { last, to }: { last: number; to: number },
  keeper: Keeper,
  isKept: (hash: string | null) => Promise<boolean>,
): Promise<UndoPlan> {
  const from = standsAfter(history, last, to);
  const plan: UndoPlan = { from, to, changes: [], already: [], kept: [], lost: [], failed: [] };
  for (const [path, changes] of byPath(history.changes)) {
    const wanted = to < from ? stateBefore(changes, to, from) : stateAfter(changes, from, to);
    if (wanted === undefined) continue;
    const known = changes.at(-1)?.after ?? null;
    const now = await lookAt(keeper, path).catch((thrown: unknown) => {
      plan.failed.push({ path, why: messageOf(thrown) });
      return "unknown" as const;
    });
    if (now === "unknown") continue;
    if (wanted?.kind === "special" || (known?.kind === "special" && isMisread(path))) {
      if (!isSameEntry(now, wanted) || now === null) plan.lost.push(path);
      continue;
    }
    if (isSameEntry(now, wanted)) {
      if (!isSameEntry(now, known)) plan.already.push({ path, before: known, after: wanted });
    } else if (
      !isSameEntry(now, known) ||
      changes.findLast(({ step, by }) => step > 0 || by === "other")?.by === "other"
    )
      plan.kept.push(path);
    else if (wanted?.kind === "file" && !(await isKept(wanted.hash))) plan.lost.push(path);
    else plan.changes.push({ path, before: now, after: wanted });
  }
  return plan;
}

/**
 * The steps between both states of which something stays as it is, because somebody else has changed it or its content is not kept. A
 * folder stays with what others have put into it, so it counts only where the step did nothing else.
 */
export function stepsThatStay({ changes }: SnapshotHistory, { from, to, kept, lost }: UndoPlan): Set<number> {
  const paths = new Set([...kept, ...lost]);
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  const steps = new Map<number, Made[]>();
  for (const change of changes)
    if (change.by === "run" && change.step > first && change.step <= last)
      steps.set(change.step, [...(steps.get(change.step) ?? []), change]);
  const stays = ({ path }: Made): boolean => paths.has(path);
  const isOfFolder = ({ before, after }: Made): boolean => (after ?? before)?.kind === "folder";
  const found = [...steps].filter(
    ([, own]) => own.every(stays) || own.some((change) => stays(change) && !isOfFolder(change)),
  );
  return new Set(found.map(([step]) => step));
}

function byPath(changes: readonly Made[]): Map<string, Made[]> {
  const paths = new Map<string, Made[]>();
  for (const change of changes) paths.set(change.path, [...(paths.get(change.path) ?? []), change]);
  return paths;
}

/** What lay there after step `to`, as far as the run has changed it since; undefined where it has not. */
function stateBefore(changes: readonly Made[], to: number, from: number): Entry | null | undefined {
  let wanted: Entry | null | undefined;
  for (const { by, step, before } of [...changes].reverse()) {
    // What somebody else made of it in between is the oldest state that is put back.
    if (by === "other" && step > to && wanted !== undefined) return wanted;
    if (by === "run" && step > to && step <= from) wanted = before;
  }
  return wanted;
}

/** What lay there after step `to`, where that was undone. */
const stateAfter = (changes: readonly Made[], from: number, to: number): Entry | null | undefined =>
  changes.findLast(({ by, step }) => by === "run" && step > from && step <= to)?.after;

const lookAt = async (keeper: Keeper, path: string): Promise<Entry | null> =>
  entryOf(await keeper.look(path, mostFileBytes));

function entryOf(found: Found | null): Entry | null {
  if (found?.kind !== "file") return found;
  const { mode, size, bytes } = found;
  return { kind: "file", mode, size, hash: bytes === null ? null : hashOf(bytes) };
}

/**
 * Does what is planned, and resolves to all that is as wanted now. A folder in which somebody has put a file, or a file that was
 * changed since the plan was made, is added to `kept`, what cannot be put back to `failed` or `lost`.
 */
export async function carryOutUndo(
  { from, to, changes, already, kept, lost, failed }: UndoPlan,
  keeper: Keeper,
  read: (hash: string) => Promise<Buffer>,
): Promise<Change[]> {
  const done = [...already];
  // What was there before the run is put back wherever it was; what the run made is not put back where it must not be.
  const protectedToo = to < from;
  const put = async (change: Change, wanted: Wanted | null): Promise<void> => {
    try {
      if (wanted?.kind !== "folder" && (await isChangedSince(keeper, change))) return void kept.push(change.path);
      await keeper.put(change.path, wanted, protectedToo);
      done.push(change);
    } catch (thrown) {
      if (isNotEmpty(thrown)) kept.push(change.path);
      else failed.push({ path: change.path, why: messageOf(thrown) });
    }
  };
  await openFolders(changes, keeper);
  const goes = ({ before, after }: Change): boolean => before !== null && before.kind !== after?.kind;
  for (const change of changes.filter(goes).sort(deepestFirst)) {
    if (change.after === null) await put(change, null);
    else await keeper.put(change.path, null, protectedToo).catch(() => undefined);
  }
  const comes = changes.filter(({ after }) => after !== null);
  const folders = comes.filter(({ after }) => after?.kind === "folder").sort((one, other) => -deepestFirst(one, other));
  // A folder that may not be written is made so once everything is in it.
  for (const { path, after } of folders)
    if (after?.kind === "folder")
      await keeper.put(path, { kind: "folder", mode: after.mode | 0o700 }, protectedToo).catch(() => undefined);
  const putBack = async (change: Change): Promise<void> => {
    const { after } = change;
    if (after?.kind === "link") return put(change, after);
    if (after?.kind !== "file" || after.hash === null) return;
    const bytes = await read(after.hash).catch(() => null);
    if (bytes === null) lost.push(change.path);
    else await put(change, { kind: "file", mode: after.mode, bytes });
  };
  for (let first = 0; first < comes.length; first += atOnce)
    await Promise.all(comes.slice(first, first + atOnce).map(putBack));
  for (const change of folders.reverse()) if (change.after?.kind === "folder") await put(change, change.after);
  return done;
}

/** Each file waits for the disk: so many together wait hardly longer than one. */
const atOnce = 16;

/** Nothing can be put into a folder, or taken out of it, that its owner may not write. */
async function openFolders(changes: readonly Change[], keeper: Keeper): Promise<void> {
  const closed = changes.filter(({ before }) => before?.kind === "folder" && (before.mode & 0o700) !== 0o700);
  for (const { path, before } of closed.sort((one, other) => -deepestFirst(one, other)))
    if (before?.kind === "folder")
      await keeper.put(path, { kind: "folder", mode: before.mode | 0o700 }).catch(() => undefined);
}

const isNotEmpty = (thrown: unknown): boolean => ["ENOTEMPTY", "EEXIST"].includes(codeOf(thrown) ?? "");

/** Whether somebody has changed since the plan was made what is about to be replaced; what had to go first is gone. */
async function isChangedSince(keeper: Keeper, { path, before, after }: Change): Promise<boolean> {
  const now = await lookAt(keeper, path);
  // It may have been opened for what is taken out of it.
  if (now?.kind === "folder" && before?.kind === "folder") return false;
  return (
    !isSameEntry(now, before) && !(now === null && before !== null && after !== null && before.kind !== after.kind)
  );
}

const deepestFirst = (one: Change, other: Change): number =>
  other.path.split("/").length - one.path.split("/").length || (one.path < other.path ? 1 : -1);
