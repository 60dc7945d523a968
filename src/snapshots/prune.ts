import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sizeOf } from "../base/files.js";
import { nullIfMissing } from "../base/system-error.js";
import type { Entry } from "./entry.js";
import { packsDirectory, readSnapshotLog, snapshotDirectory, snapshotFile, snapshotsDirectory } from "./log.js";
import { filesOfPack, packsIn, readPack } from "./objects.js";

export type PruneLimits = {
  /** What is older goes, in days. */
  days: number;
  /** The room that all of it may take, in bytes; the oldest runs go first. */
  bytes: number;
};

const dayMs = 24 * 60 * 60 * 1000;
/** A pack may belong to a run that has just begun. */
const youngMs = dayMs;

/**
 * Removes what is kept of old runs, and contents that no run needs any more. `isLive` are runs that are going on: nothing is removed
 * while there is one, since it may be about to need what nobody else does.
 */
export async function pruneSnapshots(
  home: string,
  { days, bytes }: PruneLimits,
  isLive: (run: string) => boolean,
  now = Date.now(),
): Promise<void> {
  const folder = join(snapshotsDirectory(home), "runs");
  const names = (await readdir(folder).catch(nullIfMissing)) ?? [];
  if (names.length === 0 || names.some(isLive)) return;
  const runs = await Promise.all(
    names.map(async (run) => ({ run, time: (await stat(snapshotFile(home, run)).catch(() => null))?.mtimeMs ?? 0 })),
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

/** Forgets what is kept of a run; contents that no other run needs go with the next pruning. */
const removeSnapshots = (home: string, run: string): Promise<void> =>
  rm(snapshotDirectory(home, run), { recursive: true, force: true });

/** Packs of which no run needs anything. */
async function removeUnused(home: string, now: number): Promise<void> {
  const needed = await neededContents(home);
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

async function neededContents(home: string): Promise<Set<string>> {
  const needed = new Set<string>();
  const need = (entry: Entry | null): void => {
    if (entry?.kind === "file" && entry.hash !== null) needed.add(entry.hash);
  };
  for (const run of (await readdir(join(snapshotsDirectory(home), "runs")).catch(nullIfMissing)) ?? []) {
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
