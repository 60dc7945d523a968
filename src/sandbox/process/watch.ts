import { folderFacts } from "../folder-facts.js";
import { nameless, processTree } from "./processes.js";
import type { EndedBy, ProgramLimits } from "../sandbox.js";

const everyMs = 200;
/** The largest share of the time that looking may take. */
const share = 1 / 10;

/**
 * Watches a running program: calls `exceeded` once when it uses more memory, processes or disk than it may. What was in
 * the workspace before does not count. Returns a function that ends the watch.
 */
export function watch(
  { pid, workspace, limits }: { pid: number; workspace: string; limits: ProgramLimits },
  exceeded: (by: EndedBy) => void,
): () => void {
  const before = folderFacts(workspace);
  let timer: NodeJS.Timeout | undefined;
  let over = false;

  const look = async (): Promise<void> => {
    const startedAt = Date.now();
    const by = await firstExceeded(pid, workspace, (await before).bytes, limits);
    if (over) return;
    if (by !== null) return exceeded(by);
    const took = Date.now() - startedAt;
    timer = setTimeout(() => void look(), Math.max(everyMs, took / share));
    timer.unref();
  };

  timer = setTimeout(() => void look(), everyMs);
  timer.unref();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

async function firstExceeded(
  pid: number,
  workspace: string,
  before: number,
  limits: ProgramLimits,
): Promise<EndedBy | null> {
  const tree = await processTree(pid);
  if (tree.reduce((sum, { memory }) => sum + memory, 0) > limits.memory * 1.25) return "memory";
  // The confining program and its first child are processes too.
  if (tree.length > limits.processes + 4) return "processes";
  let disk = (await folderFacts(workspace)).bytes - before;
  for (const one of tree) disk += await nameless(one.pid);
  return disk > limits.disk ? "disk" : null;
}
