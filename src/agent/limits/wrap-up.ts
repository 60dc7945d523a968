import { longestTimer, unheldTimer, type SetTimer } from "../../base/abort.js";
import { commandLine } from "../../base/process/command-line.js";
import { RunError } from "../../errors.js";
import type { RunLimits } from "../../history/event-parts.js";
import type { LimitNear } from "../../history/events.js";
import type { Reserve } from "../../model/budget/reserve.js";
import type { Message } from "../../model/model.js";

/** The limit that ends the run behind a step. */
export type LastBefore = LimitNear["limit"];

/**
 * Sees to it that the last step before a limit is one in which the model wraps up: what its request takes at the most is held back
 * until then.
 */
export interface WrapUp {
  /**
   * Looks at the request of a step before it is sent. Null where more steps are to come: what the last one takes is held back then.
   * Throws RunError where the last one was made, and its limit leaves no other.
   */
  look(step: number, messages: readonly Message[]): LastBefore | null;
  /** Whether the limits are so near, for a request of about this many tokens, that tokens are to be counted exactly. */
  isNear(promptTokens: number): boolean;
  /** A request did not fit besides what is held back, so it is the last one. False where it was so already. */
  isLastAfterAll(): boolean;
  /** Whether this is the request of the last step, and larger than what is left: then it is to be made smaller. */
  isTooLarge(step: number, messages: readonly Message[]): boolean;
  /** Is told how long the model took to think, in milliseconds. */
  took(milliseconds: number): void;
}

export type WrapUpOptions = {
  limits: Pick<RunLimits, "steps" | "seconds">;
  reserve: Reserve;
  /** How long the run has worked, in milliseconds, earlier parts included. */
  elapsedMs(): number;
  /** Stops what goes on, so that time is left for the last step. */
  cut(): void;
  /** The limit before which an earlier part of the run had its last step, and which is still the same. */
  had?: LastBefore | null;
  /** The clock of the time limit, the system's unless told. */
  timer?: SetTimer;
};

export function createWrapUp(options: WrapUpOptions): WrapUp {
  const { reserve, elapsedMs, cut, had = null, timer = unheldTimer } = options;
  const { steps, seconds } = options.limits;
  let last: { before: LastBefore; step: number } | null = had === null ? null : { before: had, step: 0 };
  let isForced = false;
  let longestMs = 0;
  let stopTimer = (): void => undefined;

  /** How much time is left before the last step has to begin, in milliseconds. */
  const timeLeft = (): number => {
    if (seconds === null) return Infinity;
    const heldMs = Math.min(seconds * 1000 * mostShare, 2 * longestMs + leastMs);
    return seconds * 1000 - heldMs - elapsedMs();
  };
  const startTimer = (): void => {
    stopTimer();
    const left = timeLeft();
    if (left <= longestTimer) stopTimer = timer(cut, Math.max(0, left));
  };
  const find = (step: number, messages: readonly Message[]): LastBefore | null => {
    if (timeLeft() <= 0) return "time";
    const size = reserve.sizeOf(messages);
    if (last === null) reserve.holdBack(smallRequest(messages, size, reserve));
    const isSpent = isForced || !reserve.paysForMore(size) || (last === null && !reserve.paysFor(size));
    if (isSpent) return reserve.nearest();
    return steps !== null && step >= steps ? "steps" : null;
  };
  return {
    look(step, messages) {
      if (last?.before === "time" && last.step < step) throw outOfTime(seconds);
      const found = find(step, messages);
      if (found === null) {
        startTimer();
        return null;
      }
      stopTimer();
      reserve.letGo();
      last ??= { before: found, step };
      return found;
    },
    isNear: (promptTokens) => !reserve.isFar(promptTokens),
    isLastAfterAll() {
      if (last !== null || isForced) return false;
      isForced = true;
      return true;
    },
    isTooLarge: (step, messages) => last?.step === step && !reserve.paysFor(reserve.sizeOf(messages)),
    took: (milliseconds) => void (longestMs = Math.max(longestMs, milliseconds)),
  };
}

/** What the model is told in its last step. As short as the room is that each request leaves for its last message. */
export function wrapUpText(before: LastBefore): string {
  const what = "Begin nothing new: save what matters, or use task_complete to say what is done and what is not.";
  switch (before) {
    case "steps":
      return `This is your last step. ${what}`;
    case "time":
      return `The time left is enough for about one more step. ${what}`;
    default:
      return `The budget left pays for about one more request. ${what}`;
  }
}

/** The time held back is twice the longest thought and this, for a command, but never more than a share of the limit. */
const leastMs = 5_000;
const mostShare = 1 / 4;
/** What the history of a small request takes, and by how much a request grows that is small itself, in tokens. */
const smallHistory = 1_000;
const growth = 300;

/** The most that a request takes whose history was cut to what is needed: system prompt, ledger and the newest step. */
function smallRequest(messages: readonly Message[], size: number, reserve: Reserve): number {
  const [system, second] = messages;
  const fixed = [system, second?.role === "user" ? second : undefined].filter((one) => one !== undefined);
  return Math.min(size + growth, reserve.sizeOf(fixed) + smallHistory);
}

const outOfTime = (seconds: number | null): RunError =>
  new RunError(
    "limit-time",
    `The run has used its ${seconds} seconds but for too little to make another step. ${commandLine("--resume --max-time")} goes on with more.`,
  );
