import { setTimeout as delay } from "node:timers/promises";
import { signalTo } from "../../sandbox/process/ending.js";
import { processTree } from "../../sandbox/process/processes.js";
import { startOfProcess } from "../../storage/lock.js";

/** How long what a server has started has to end by itself behind it, in milliseconds. */
const graceMs = 300;
const lookMs = 20;

/**
 * Ends a program by `close`, and then what it has started and left behind: a shell, or npx, ends without the server that it started.
 * Linux only; elsewhere `close` is all.
 */
export async function endProgram(pid: number | null, close: () => Promise<void>): Promise<void> {
  const below = pid === null ? [] : await startedBy(pid);
  await close();
  if (left(below).length === 0) return;
  for (const one of left(below)) signalTo(one.pid, "SIGTERM");
  for (let waited = 0; waited < graceMs && left(below).length > 0; waited += lookMs) await delay(lookMs);
  for (const one of left(below)) signalTo(one.pid, "SIGKILL");
}

type Started = { pid: number; start: string | null };

const startedBy = async (root: number): Promise<Started[]> =>
  (await processTree(root)).filter(({ pid }) => pid !== root).map(({ pid }) => ({ pid, start: startOfProcess(pid) }));

/** Those that are there still; a number may be another process's by now. */
const left = (below: readonly Started[]): Started[] =>
  below.filter(({ pid, start }) => start !== null && startOfProcess(pid) === start);
