import { firstEvent } from "../base/waiting/first-event.js";
import { messageOf } from "../errors.js";

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
  const failed = (thrown: Error): never => {
    throw thrown;
  };
  try {
    return await firstEvent<SearchOutcome>(
      worker,
      {
        message: (found: boolean) => (found ? "found" : "not-found"),
        messageerror: failed,
        error: failed,
        exit: (code: number) => failed(new Error(`the search for a pattern ended without a result (code ${code})`)),
      },
      { ms: limitMs, from: "online", late: () => "too-slow" },
    );
  } finally {
    worker.on("error", () => undefined);
    await worker.terminate();
  }
}

/** Why a pattern does not compile; null where it does, by strict Unicode rules or by the older ones, which take more. */
export const problemOf = (pattern: string): string | null =>
  problemWith(pattern, "mu") === null ? null : problemWith(pattern, "m");

const flagsOf = (pattern: string): "mu" | "m" | null =>
  (["mu", "m"] as const).find((flags) => problemWith(pattern, flags) === null) ?? null;

function problemWith(pattern: string, flags: string): string | null {
  try {
    new RegExp(pattern, flags);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
