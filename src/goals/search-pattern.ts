import { inThread } from "../base/waiting/in-thread.js";
import { usualTimeLimits, type TimeLimits } from "../base/waiting/time-limits.js";
import { messageOf } from "../errors.js";

/** What came of a search; `too-slow`: given up after the time limit. */
export type SearchOutcome = "found" | "not-found" | "no-pattern" | "too-slow";

const longestMs = 3_000;

const search = `
const { parentPort, workerData } = require("node:worker_threads");
const found = new RegExp(workerData.pattern, workerData.flags).test(workerData.text);
parentPort.postMessage(found ? "found" : "not-found");
`;

/**
 * Looks for a regular expression in a text: line by line anchors, Unicode where the pattern allows it. It runs in a
 * thread of its own, because a pattern can take time that grows exponentially with the text, and a thread can be ended.
 */
export async function searchPattern(
  text: string,
  pattern: string,
  timeLimits: TimeLimits = usualTimeLimits,
): Promise<SearchOutcome> {
  const flags = flagsOf(pattern);
  if (flags === null) return "no-pattern";
  const late = (): SearchOutcome => {
    timeLimits.met();
    return "too-slow";
  };
  const limit = { ms: timeLimits.of(longestMs), late, what: "the search for a pattern" };
  return inThread<SearchOutcome>(search, { pattern, flags, text }, limit);
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
