import type { ModelFailure } from "../../errors.js";
import { nanoPerDollar } from "../../history/totals.js";
import type { RunStatus } from "../store/run-store.js";
import { withoutEnd } from "./status.js";
import type { ChildEnd } from "./run-child.js";

/** What is to be done with a run after a part of it: nothing more, or to go on with it after so many milliseconds. */
export type PartEnd = { kind: "ended"; exitCode: number } | { kind: "cancelled" } | { kind: "again"; afterMs: number };

/**
 * `wanted`: somebody has asked to end the run; `isStopping`: the worker is to end; `refused`: what did not fit into the fleet's budget, in
 * nano-dollars; `asks`: how many questions it has parked with; `endsRefusedKey`: whether a run ends whose key is refused.
 */
export type HowEnded = {
  wanted: boolean;
  isStopping: boolean;
  refused: number | null;
  asks: number;
  endsRefusedKey: boolean;
};

/** What is no fault of the run, and may be over later: its server is busy or away. */
const passing: ReadonlySet<string | undefined> = new Set<ModelFailure>([
  ...(["rate-limit", "spent-quota", "server-fault", "no-connection", "timeout"] as const),
]);
/** What the worker itself may lack. */
export const refusedKey: ModelFailure = "wrong-key";

/** What a parked run waits for. */
export function parkedFor({ asks, needsUsd, failure }: RunStatus): "asks" | "budget" | "its key" | "its server" {
  if (asks !== undefined) return "asks";
  if (needsUsd !== undefined) return "budget";
  return failure === refusedKey ? "its key" : "its server";
}

/** The exit code of a run that waits, for an answer or for its model's server. */
export const parkedExitCode = 75;
/** After how long one is tried again. */
export const parkedMs = 5 * 60_000;
/** A run that waits for the fleet's budget looks so much later whether there is enough: who raises that wakes it at once, if the queue's server is there. */
export const budgetMs = 30_000;
/** A process that is killed again and again before it finishes a step will be so the next time. */
const mostKills = 3;
const killedMs = 5_000;

/** The status of a run that nobody can go on with. */
export const brokenEnd = (before: RunStatus, message: string, now = new Date()): RunStatus => ({
  ...withoutEnd(before),
  ...{ state: "ended", since: now.toISOString(), exitCode: 1, reason: "fault", message },
});

/** What was said last: lines about the mode and warnings come before the error that ends a process. */
function lastSaid(words: string): string {
  const lines = words.trim().split(/\r?\n/);
  const notices = lines.findLastIndex((line) =>
    /^(WARNING: |Continuous Limit: \d+$|[A-Z][\w ]* Mode: ENABLED$)/.test(line),
  );
  return notices === lines.length - 1 ? lines.join("\n") : lines.slice(notices + 1).join("\n");
}

/**
 * What follows from how a run's process ended, and the status that says so. `now` is the time.
 */
export function afterPart(
  before: RunStatus,
  { exitCode, signal, words }: ChildEnd,
  { wanted, isStopping, refused, asks, endsRefusedKey }: HowEnded,
  now = new Date(),
): { end: PartEnd; status: RunStatus } {
  const status = { ...before, since: now.toISOString() };
  const isKilled = exitCode === null || exitCode >= 128;
  if (wanted) return { end: { kind: "cancelled" }, status: { ...status, state: "cancelled" } };
  if (isKilled && isStopping)
    return { end: { kind: "again", afterMs: 0 }, status: { ...withoutEnd(status), state: "waiting" } };
  if (exitCode === parkedExitCode)
    return {
      end: { kind: "again", afterMs: parkedMs },
      status: { ...status, state: "parked", ...(asks > 0 && { asks }) },
    };
  if (!isKilled && (passing.has(status.failure) || (status.failure === refusedKey && !endsRefusedKey)))
    return { end: { kind: "again", afterMs: parkedMs }, status: { ...status, state: "parked" } };
  if (refused !== null && status.reason === "limit-cost")
    return {
      end: { kind: "again", afterMs: budgetMs },
      status: { ...status, state: "parked", needsUsd: refused / nanoPerDollar },
    };
  if (isKilled && status.kills < mostKills)
    return {
      end: { kind: "again", afterMs: killedMs },
      status: { ...withoutEnd(status), state: "waiting", kills: status.kills + 1 },
    };
  // How a part ended that came before is no reason of one that ended otherwise, and before it wrote a line.
  const known = !isKilled && status.exitCode !== exitCode ? withoutEnd(status) : status;
  const ended = {
    ...known,
    ...(isKilled && {
      reason: "fault",
      message: `Its process was ended ${status.kills + 1} times in one step, last by ${signal ?? exitCode}.`,
    }),
    // A run that could not begin has no journal that says why.
    ...(known.exitCode === undefined && !isKilled && words.trim() !== "" && { message: lastSaid(words) }),
    exitCode: isKilled ? 1 : exitCode,
    state: "ended" as const,
  };
  return { end: { kind: "ended", exitCode: ended.exitCode }, status: ended };
}
