import { once } from "node:events";

/** What came of a search; `too-slow`: given up after the time limit. */
export type SearchOutcome = "found" | "not-found" | "no-pattern" | "too-slow";

/** Kept as text because a worker's file would have to be found both in the sources and in the bundle. */
const search = `
const { parentPort, workerData } = require("node:worker_threads");
parentPort.postMessage(new RegExp(workerData.pattern, workerData.flags).test(workerData.text));
`;

/**
 * Looks for a regular expression in a text: line by line anchors, Unicode where the pattern allows it. It runs in a
 * thread of its own, because a pattern can take time that grows exponentially with the text, and a thread can be ended.
 */
export async function searchPattern(text: string, pattern: string, limitMs = 3000): Promise<SearchOutcome> {
  const flags = flagsOf(pattern);
  if (flags === null) return "no-pattern";
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(search, { eval: true, workerData: { pattern, flags, text }, execArgv: [], env: {} });
  try {
    await once(worker, "online");
    const [found] = (await once(worker, "message", { signal: AbortSignal.timeout(limitMs) })) as [boolean];
    return found ? "found" : "not-found";
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return "too-slow";
    throw error;
  } finally {
    await worker.terminate();
  }
}

/** The flags a pattern compiles with: "mu", else "m"; null where it compiles with neither. */
export function flagsOf(pattern: string): "mu" | "m" | null {
  for (const flags of ["mu", "m"] as const) {
    if (compiles(pattern, flags)) return flags;
  }
  return null;
}

function compiles(pattern: string, flags: string): boolean {
  try {
    new RegExp(pattern, flags);
    return true;
  } catch {
    return false;
  }
}
