import type { CircleKind } from "../../history/circle-kinds.js";
import type { Observed } from "./observed.js";

/** A circle: what kind it is, the steps that it consists of, and in words what repeats. */
export type Circle = { kind: CircleKind; steps: number[]; text: string };

/** The longest cycle that is looked for, in steps. */
export const longestCycle = 8;
/** So often the same steps have to follow each other. */
const rounds = 3;
const sameErrors = 5;
const anyErrors = 8;
const unavailableInARow = 4;
const refusedOfLast = { refused: 4, last: 6 };
const samePlans = 5;
const seenBefore = { steps: 3, times: 2 };

/**
 * Whether the newest of these steps closes a circle, `digest` being what is known of the workspace after a step: programs may
 * do new work each time although they say the same. The steps are all since anything was said about a circle, oldest first.
 */
export function findCircle(steps: readonly Observed[], digest: ReadonlyMap<number, string>): Circle | null {
  return (
    findCycle(steps, digest) ??
    findUnavailable(steps) ??
    findRefused(steps) ??
    findErrors(steps) ??
    findSamePlan(steps) ??
    findNothingNew(steps)
  );
}

/** Whether the last two rounds of a cycle are alike and a program or a tool of a server changed something in them, so that a digest tells more. */
export function needsDigest(steps: readonly Observed[]): boolean {
  for (let length = 1; length <= longestCycle; length += 1)
    if (areRounds(steps, length, 2) && steps.slice(-length).some(({ changedUntold }) => changedUntold)) return true;
  return false;
}

const isSame = (one: Observed, other: Observed): boolean =>
  one.sum === other.sum &&
  one.name === other.name &&
  one.ok === other.ok &&
  one.act === other.act &&
  one.said === other.said;

function areRounds(steps: readonly Observed[], length: number, count: number): boolean {
  const from = steps.length - length * count;
  if (from < 0) return false;
  for (let at = from + length; at < steps.length; at += 1)
    if (!isSame(steps[at] as Observed, steps[at - length] as Observed)) return false;
  return true;
}

function findCycle(steps: readonly Observed[], digest: ReadonlyMap<number, string>): Circle | null {
  for (let length = 1; length <= longestCycle; length += 1) {
    if (!areRounds(steps, length, rounds)) continue;
    const round = steps.slice(-length);
    // Refused claims of completion have a limit of their own, and what refuses them says what is missing.
    if (round.every(({ effect }) => effect === "ends the run")) return null;
    const needed = Math.max(rounds, ...round.map(({ patience }) => patience ?? 0));
    if (!areRounds(steps, length, needed)) continue;
    if (round.some(({ changedUntold }) => changedUntold) && !isAsBefore(steps, length, digest)) continue;
    const all = steps.slice(-length * needed);
    const kind = length === 1 ? "repeat" : "cycle";
    return { kind, steps: all.map(({ step }) => step), text: sayCycle(all, length) };
  }
  return null;
}

/** Whether the workspace is now as it was one round ago. */
function isAsBefore(steps: readonly Observed[], length: number, digest: ReadonlyMap<number, string>): boolean {
  const [now, before] = [steps.at(-1), steps.at(-1 - length)].map((one) => one && digest.get(one.step));
  return now !== undefined && now === before;
}

function sayCycle(all: readonly Observed[], length: number): string {
  const [first] = all;
  if (length === 1 && first)
    return `${inWords(first)} was used in ${stepsInWords(all)}, each time with the same result.`;
  const round = all.slice(0, length).map(inWords).join("; then ");
  return `Since step ${first?.step} the same ${length} commands are used over and over, with the same results: ${round}.`;
}

function findUnavailable(steps: readonly Observed[]): Circle | null {
  const isUnavailable = ({ outcome }: Observed): boolean => outcome === "not-runnable";
  const inARow = trailing(steps, isUnavailable);
  const last = inARow.at(-1);
  const alike =
    last === undefined || last.args === "{}"
      ? []
      : steps.slice(-2 * sameErrors).filter((one) => isUnavailable(one) && one.args === last.args);
  const found = inARow.length >= unavailableInARow ? inARow : alike.length >= unavailableInARow ? alike : null;
  if (found === null) return null;
  const names = [...new Set(found.map(({ name }) => name))].join(", ");
  return circle("unavailable", found, `What was asked for in ${stepsInWords(found)} cannot be run here: ${names}.`);
}

function findRefused(steps: readonly Observed[]): Circle | null {
  const refused = steps.slice(-refusedOfLast.last).filter(({ outcome }) => outcome === "refused");
  if (steps.at(-1)?.outcome !== "refused" || refused.length < refusedOfLast.refused) return null;
  return circle("refused", refused, `The user does not allow what was asked for in ${stepsInWords(refused)}.`);
}

function findErrors(steps: readonly Observed[]): Circle | null {
  if (steps.length < sameErrors) return null;
  const failed = trailing(
    steps,
    ({ ok, effect, patience, outcome }) =>
      !ok && patience === null && effect !== "ends the run" && outcome !== "not-understood",
  );
  const last = failed.at(-1);
  const alike = last === undefined ? [] : trailing(failed, ({ error }) => error === last.error);
  if (alike.length >= sameErrors)
    return circle("errors", alike, `${stepsInWords(alike)} failed with the same error.`.replace(/^s/, "S"));
  if (failed.length < anyErrors) return null;
  return circle("errors", failed, `None of ${stepsInWords(failed)} succeeded.`);
}

const foundNothing = /\b(?:no|not|nothing|none|empty|without|0|zero)\b/i;

function findSamePlan(steps: readonly Observed[]): Circle | null {
  const last = steps.length < samePlans ? undefined : steps.at(-1);
  if (last === undefined || last.changed || last.patience !== null || !foundNothing.test(last.said) || last.plan === "")
    return null;
  const alike = trailing(
    steps,
    (one) => one.name === last.name && !one.changed && one.said === last.said && one.plan === last.plan,
  );
  if (alike.length < samePlans) return null;
  return circle(
    "same-plan",
    alike,
    `${last.name} found nothing in ${stepsInWords(alike)}, and the plan has been the same all the time.`,
  );
}

/** The newest steps have all been seen before, more than once, and nothing has changed since. */
function findNothingNew(steps: readonly Observed[]): Circle | null {
  const newest = steps.slice(-seenBefore.steps);
  // Who waits between two looks is judged by the rounds alone.
  if (newest.length < seenBefore.steps || !newest.every(leavesAllAsItWas)) return null;
  // Whether they were seen before at all is known sooner than where the last change was.
  if (newest.some(({ sum }) => !isSeen(steps, sum))) return null;
  const unchanged = trailing(steps, leavesAllAsItWas);
  const again: Observed[][] = [];
  for (const one of newest) {
    const same = unchanged.filter((other) => other.step < one.step && isSame(one, other));
    if (same.length < seenBefore.times) return null;
    again.push([...same, one]);
  }
  const all = [...new Set(again.flat())].sort((one, other) => one.step - other.step);
  return circle(
    "no-change",
    all,
    `All that was done in ${stepsInWords(newest)} had been done before, more than once and with the same results, and nothing has changed since.`,
  );
}

/** Whether that was asked for and said more often than it has to be before. */
function isSeen(steps: readonly Observed[], sum: number): boolean {
  let times = 0;
  for (const one of steps) if (one.sum === sum && ++times > seenBefore.times) return true;
  return false;
}

const leavesAllAsItWas = ({ changed, patience, outcome }: Observed): boolean =>
  !changed && patience === null && outcome === "ran";

const circle = (kind: CircleKind, found: readonly Observed[], text: string): Circle => ({
  kind,
  steps: found.map(({ step }) => step),
  text,
});

/** The last steps that match, without one in between that does not. */
function trailing(steps: readonly Observed[], matches: (one: Observed) => boolean): Observed[] {
  const last = steps.findLastIndex((one) => !matches(one));
  return steps.slice(last + 1);
}

const mostArguments = 200;
/** More steps than these that follow each other are named by the first and the last. */
const mostListed = 4;

function inWords({ name, args }: Observed): string {
  if (name === null) return "a reply without a command";
  if (args === "{}" || args === "") return name;
  return `${name} with ${args.length > mostArguments ? `${args.slice(0, mostArguments)}…` : args}`;
}

/** `step 3`, `steps 3, 4 and 5`, `steps 3 to 30`. */
export function stepsInWords(steps: readonly { step: number }[]): string {
  const numbers = steps.map(({ step }) => step);
  const [first = 0] = numbers;
  const last = numbers.pop() ?? 0;
  if (numbers.length === 0) return `step ${last}`;
  if (numbers.length > mostListed && last - first === numbers.length) return `steps ${first} to ${last}`;
  return `steps ${numbers.join(", ")} and ${last}`;
}
