import { existsSync, readdirSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sizeOf } from "../base/files.js";
import type { Entry } from "./entry.js";
import { packsDirectory, readSnapshotLog, snapshotDirectory, snapshotFile, snapshotsDirectory } from "./log.js";
import { copyPack, filesOfPack, packsIn, readPack } from "./objects.js";

export type PruneLimits = {
  /** What is older goes, in days. */
  days: number;
  /** The room that all of it may take, in bytes; the oldest runs go first. */
  bytes: number;
};

const dayMs = 24 * 60 * 60 * 1000;
/** A pack may belong to a run that has just begun. */
const youngMs = dayMs;

/** What is known of the runs of a home, by their names. */
export type KnownRuns = {
  /** It is going on. */
  isLive(run: string): boolean;
  /** It has been removed. */
  isGone(run: string): boolean;
};

/**
 * Removes what is kept of old runs and of those that are gone, and contents that no run needs any more. Nothing is removed while a run
 * is going on, since it may be about to need what nobody else does.
 */
export async function pruneSnapshots(
  home: string,
  { days, bytes }: PruneLimits,
  { isLive, isGone }: KnownRuns,
  now = Date.now(),
): Promise<void> {
  const names = runsWithSnapshots(home);
  if (names.length === 0 || names.some(isLive)) return;
  await forgetRuns(home, names.filter(isGone));
  const runs = await Promise.all(
    names
      .filter((run) => !isGone(run))
      .map(async (run) => ({ run, time: (await stat(snapshotFile(home, run)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  runs.sort((one, other) => one.time - other.time);
  const old = runs.filter(({ time }) => now - time > days * dayMs);
  for (const { run } of old) await removeSnapshots(home, run);
  let left = runs.filter((run) => !old.includes(run));
  let removed = old.length > 0;
  for (;;) {
    if (removed) await removeUnused(home, now);
    const [oldest, ...others] = left;
    if (oldest === undefined || (await bytesIn(home)) <= bytes) return;
    await removeSnapshots(home, oldest.run);
    left = others;
    removed = true;
  }
}

/** The runs of which something is kept. */
export function runsWithSnapshots(home: string): string[] {
  const folder = join(snapshotsDirectory(home), "runs");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Removes what is kept of these runs, with the contents that no other run needs. To be called while none is going on. */
export async function forgetRuns(home: string, runs: readonly string[]): Promise<void> {
  if (runs.length === 0) return;
  const theirs = await neededContents(home, runs);
  for (const run of runs) await removeSnapshots(home, run);
  const needed = await neededContents(home, runsWithSnapshots(home));
  const unneeded = new Set([...theirs].filter((hash) => !needed.has(hash)));
  const folder = packsDirectory(home);
  for (const pack of await packsIn(folder)) {
    const contents = await readPack(folder, pack);
    if (![...contents.keys()].some((hash) => unneeded.has(hash))) continue;
    await copyPack(folder, pack, (hash) => !unneeded.has(hash));
    for (const file of filesOfPack(folder, pack)) await rm(file, { force: true });
  }
}

/** Forgets what is kept of a run; contents that no other run needs go with the next pruning. */
const removeSnapshots = (home: string, run: string): Promise<void> =>
  rm(snapshotDirectory(home, run), { recursive: true, force: true });

/** Packs of which no run needs anything. */
async function removeUnused(home: string, now: number): Promise<void> {
  const needed = await neededContents(home, runsWithSnapshots(home));
  const folder = packsDirectory(home);
  for (const pack of await packsIn(folder)) {
    const files = filesOfPack(folder, pack);
    const contents = await readPack(folder, pack);
    if ([...contents.keys()].some((hash) => needed.has(hash))) continue;
    const times = await Promise.all(files.map((file) => stat(file).catch(() => null)));
    if (needed.size > 0 && times.some((facts) => facts !== null && now - facts.mtimeMs < youngMs)) continue;
    for (const file of files) await rm(file, { force: true });
  }
}

/** The contents that these runs need to be undone. Throws SettingsError where a list is damaged. */
async function neededContents(home: string, runs: readonly string[]): Promise<Set<string>> {
  const needed = new Set<string>();
  const need = (entry: Entry | null): void => {
    if (entry?.kind === "file" && entry.hash !== null) needed.add(entry.hash);
  };
  for (const run of runs) {
    const { lines } = await readSnapshotLog(home, run);
    for (const line of lines) {
      if (line.type === "before") line.paths.forEach(({ entry }) => need(entry));
      else if (line.type === "tree") line.entries.forEach(({ entry }) => need(entry));
      else line.changes.forEach(({ before, after }) => [before, after].forEach(need));
    }
  }
  return needed;
}

async function bytesIn(home: string): Promise<number> {
  const folder = packsDirectory(home);
  const packs = await packsIn(folder);
  const sizes = await Promise.all(packs.flatMap((pack) => filesOfPack(folder, pack)).map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}
