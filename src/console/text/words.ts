import { counted } from "../../base/text.js";
import type { StopReason } from "../../errors.js";
import type { LimitNear } from "../../history/events.js";
import type { Totals } from "../../history/event-parts.js";

/** Why a run ended: as a sentence for its end, and as a few words for a list. */
const ends: Record<StopReason, { sentence: string; state: string }> = {
  "task-complete": { sentence: "The task is complete.", state: "complete" },
  "user-stopped": { sentence: "You stopped the run.", state: "stopped by you" },
  blocked: {
    sentence: "The AI said that the task is complete, but the checks of its goals do not pass.",
    state: "checks fail",
  },
  "bad-replies": { sentence: "The model's replies could not be used.", state: "unusable replies" },
  "going-in-circles": { sentence: "The run went in circles.", state: "in circles" },
  interrupted: { sentence: "The run was interrupted.", state: "interrupted" },
  terminated: { sentence: "The run was told to end by the system.", state: "terminated" },
  "limit-steps": { sentence: "The limit of steps is reached.", state: "step limit" },
  "limit-cost": { sentence: "The cost limit is reached.", state: "cost limit" },
  "limit-tokens": { sentence: "The limit of tokens is reached.", state: "token limit" },
  "limit-time": { sentence: "The time limit is reached.", state: "time limit" },
  "service-failed": { sentence: "The model could not be used.", state: "model failed" },
  parked: { sentence: "The run is parked until what it waits for has come.", state: "parked" },
  settings: { sentence: "The settings cannot be used.", state: "wrong settings" },
  fault: { sentence: "A fault of this program ended the run.", state: "fault" },
};
const known: ReadonlyMap<string, { sentence: string; state: string }> = new Map(Object.entries(ends));

/** Why a run ended, as a sentence; a reason of a later version is named as it is. */
export const endSentence = (reason: string): string => known.get(reason)?.sentence ?? `The run ended: ${reason}.`;

const remedies = [
  "It is told so.",
  "It is asked for a new plan.",
  "It is asked in another way.",
  "It no longer sees these steps.",
];

/** What is done about a circle: the first time, the second … ; "" where the run ends. */
export const remedyText = (rung: number): string => remedies[rung - 1] ?? "";

/** The moment after a step, in half a sentence; 0 is before the first. */
export const momentInWords = (step: number): string => (step === 0 ? "before the first step" : `after step ${step}`);

const amounts: ReadonlyMap<string, (value: number) => string> = new Map([
  ["steps", (value) => counted(value, "step")],
  ["cost", (value) => `$${Number(value.toFixed(4))}`],
  ["tokens", (value) => counted(value, "token")],
  ["time", (value) => durationText(value * 1000)],
]);

/** How much of a limit is used, as a sentence. */
export function limitNearText({ limit, used, of }: Pick<LimitNear, "limit" | "used" | "of">): string {
  const amount = amounts.get(limit) ?? String;
  return `${Math.floor((100 * used) / of)} % of the run's limit of ${amount(of)} is used: ${amount(used)}.`;
}

const otherStates: ReadonlyMap<string, string> = new Map([
  ["running", "running"],
  ["killed", "killed"],
  ["unreadable", "unreadable"],
]);

/** The state of a run in a few words: what it ended as, or that it is `running`, was `killed`, or is `unreadable`. */
export const stateInWords = (state: string): string => known.get(state)?.state ?? otherStates.get(state) ?? state;

/** Money for a person: `$0.0123`, `at least $0.0123` where the price of a part is not known, and no number where none is. */
export function costText({ costUsd, unpriced }: Pick<Totals, "costUsd" | "unpriced">): string {
  const dollars = `$${costUsd.toFixed(4)}`;
  if (unpriced !== true) return dollars;
  return Number(dollars.slice(1)) > 0 ? `at least ${dollars}` : "price not known";
}

/** A large number in few characters: `950`, `12.3k`, `1.2M`. */
export function shortNumber(count: number): string {
  if (count < 1000) return String(Math.round(count));
  const [size, unit] = count < 999_500 ? [count / 1000, "k"] : [count / 1e6, "M"];
  return `${size < 99.95 ? size.toFixed(1) : Math.round(size)}${unit}`;
}

/** Milliseconds for a person: `0.4 s`, `48 s`, `3 min 20 s`, `2 h 5 min`, `3 days 4 h`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(seconds / 3600);
  return hours % 24 === 0 ? counted(hours / 24, "day") : `${counted(Math.floor(hours / 24), "day")} ${hours % 24} h`;
}

const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** A time by the machine's clock, as short as it can be beside `now`: `09:54`, `28 Nov 09:54`, `28 Nov 2025`. */
export function whenText(time: Date, now: Date): string {
  if (Number.isNaN(time.getTime())) return "?";
  const clock = `${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}`;
  if (time.toDateString() === now.toDateString()) return clock;
  const day = `${time.getDate()} ${months[time.getMonth()] ?? ""}`;
  return time.getFullYear() === now.getFullYear() ? `${day} ${clock}` : `${day} ${time.getFullYear()}`;
}
