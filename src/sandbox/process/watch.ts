import { statfs } from "node:fs/promises";
import { folderFacts, type FolderFacts } from "../folder-facts.js";
import { holdingsOf, processTree } from "./processes.js";
import type { EndedBy, ProgramLimits } from "../sandbox.js";

const everyMs = 200;
/** The largest share of the time that walking through the workspace may take. */
const share = 1 / 10;
/** How many files and folders a program may add: they take up room that no size tells. */
const mostAdded = 200_000;

type Watched = { pid: number; workspace: string; limits: ProgramLimits };

/**
 * Watches a running program: calls `exceeded` once when it uses more memory, processes or disk than it may. What was in
 * the workspace before does not count; what cannot be counted, because it lies in a closed folder or there is too much
 * of it, counts as too much. Returns a function that ends the watch.
 */
export function watch(watched: Watched, exceeded: (by: EndedBy) => void): () => void {
  const lookAtDisk = diskWatch(watched);
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const look = async (): Promise<void> => {
    const { by, deleted } = await lookAtProcesses(watched);
    const found = by ?? (await lookAtDisk(deleted));
    if (over) return;
    if (found !== null) return exceeded(found);
    schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => void look(), everyMs);
    timer.unref();
  };

  schedule();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/** `deleted`: what is on disk in files that have no name any more, in bytes. */
async function lookAtProcesses({ pid, limits }: Watched): Promise<{ by: EndedBy | null; deleted: number }> {
  const tree = await processTree(pid);
  const { memory, disk: deleted } = await holdingsOf(tree);
  if (memory > limits.memory * 1.25) return { by: "memory", deleted };
  // The confining program and its first child are processes too.
  return { by: tree.length > limits.processes + 4 ? "processes" : null, deleted };
}

/**
 * Walks through the workspace as often as that takes little of the time; at once where the disk has become much fuller,
 * which is cheap to see.
 */
function diskWatch({ workspace, limits }: Watched): (deleted: number) => Promise<EndedBy | null> {
  const before = folderFacts(workspace);
  const usedBefore = usedOf(workspace);
  let seen = 0;
  let nextWalk = 0;
  return async (deleted) => {
    if (deleted > limits.disk) return "disk";
    const used = (await usedOf(workspace)) - (await usedBefore);
    const fuller = used - seen > limits.disk / 4;
    if (!fuller && performance.now() < nextWalk) return null;
    seen = used;
    const start = await before;
    const startedAt = performance.now();
    const now = await folderFacts(workspace, start.entries + mostAdded);
    nextWalk = performance.now() + (performance.now() - startedAt) / share;
    return isTooMuch(start, now, limits.disk - deleted) ? "disk" : null;
  };
}

const isTooMuch = (before: FolderFacts, now: FolderFacts, disk: number): boolean =>
  !now.complete || now.closed > before.closed || now.bytes - before.bytes > disk;

/** How many bytes of the disk are used on which a folder lies. */
const usedOf = async (folder: string): Promise<number> => {
  const facts = await statfs(folder).catch(() => null);
  return facts === null ? 0 : (facts.blocks - facts.bfree) * facts.bsize;
};
