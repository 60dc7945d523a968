import { counted } from "../base/text.js";
import type { TokenCounter } from "../model/tokens.js";

/** Something that happened in one step or more, each time alike. */
export type Noted = { steps: number[]; text: string; command: string };

/** Notes what happened in a step; what was noted alike before gets the step's number. */
export function note(noted: Map<string, Noted>, text: string, step: number, command: string): void {
  const known = noted.get(text);
  if (known === undefined) noted.set(text, { steps: [step], text, command });
  else if (!known.steps.includes(step)) known.steps = [...known.steps, step].sort((one, other) => one - other);
}

/** Keeps the newest ones, so many of them; of the others it counts in `older` how often they happened, by command. */
export function countOldest(noted: Map<string, Noted>, most: number, older: Map<string, number>): void {
  if (noted.size <= most) return;
  const [oldest] = [...noted.values()].sort(byLastStep);
  if (oldest === undefined) return;
  noted.delete(oldest.text);
  older.set(oldest.command, (older.get(oldest.command) ?? 0) + oldest.steps.length);
}

/** The newest ones that fit, oldest first, a line each; `left` are those that do not. */
export function newestThatFit(
  noted: Iterable<Noted>,
  tokens: number,
  counter: TokenCounter,
): { lines: string[]; left: Noted[] } {
  const left = [...noted].sort(byLastStep);
  const lines: string[] = [];
  let room = tokens;
  for (let newest = left.at(-1); newest !== undefined; newest = left.at(-1)) {
    const line = lineOf(newest);
    room -= tokensIn([line], counter);
    if (room < 0) break;
    lines.unshift(line);
    left.pop();
  }
  return { lines, left };
}

const byLastStep = (one: Noted, other: Noted): number => (one.steps.at(-1) ?? 0) - (other.steps.at(-1) ?? 0);

/** `- step 3: …`, or `- 4 times, last in step 9: …` */
export function lineOf({ steps, text }: Noted): string {
  const when =
    steps.length === 1 ? `step ${steps[0]}` : `${counted(steps.length, "time")}, last in step ${steps.at(-1)}`;
  return `- ${when}: ${text}`;
}

/** How many of the commands failed of which no more is said; none where there are none. */
export function countLine(counts: ReadonlyMap<string, number>): string[] {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) return [];
  const most = [...counts].sort(([, one], [, other]) => other - one).slice(0, mostNamed);
  const named = most.map(([command, count]) => `${command} ${count}`).join(", ");
  return [`- ${counted(all, "earlier one")}: ${named}${counts.size > mostNamed ? ", and others" : ""}`];
}

const mostNamed = 8;

/** How many tokens these lines take in a text. */
export const tokensIn = (lines: readonly string[], counter: TokenCounter): number =>
  lines.reduce((sum, line) => sum + counter.count(line) + 1, 0);

/** The most that one line may have, in tokens, tried one after the other until all of them fit. */
const shares = [Infinity, 800, 400, 200, 100, 50, 25];

/**
 * The lines as they are, where they fit; else all but the long ones, which are shortened at their end. Where even that is too much,
 * the oldest ones are only counted.
 */
export function shortenedToFit(lines: readonly string[], tokens: number, counter: TokenCounter): string[] {
  for (const share of shares) {
    const shortened = lines.map((line) => atMost(line, share, counter));
    if (tokensIn(shortened, counter) <= tokens) return shortened;
  }
  const kept = lines.map((line) => atMost(line, shares.at(-1) ?? 0, counter));
  const countOf = (left: number): string[] => [`- ${counted(left, "earlier one")}`];
  for (let left = 1; left < kept.length; left += 1) {
    const rest = [...countOf(left), ...kept.slice(left)];
    if (tokensIn(rest, counter) <= tokens) return rest;
  }
  return lines.length > 0 && tokensIn(countOf(lines.length), counter) <= tokens ? countOf(lines.length) : [];
}

function atMost(line: string, tokens: number, counter: TokenCounter): string {
  if (tokens === Infinity || counter.count(line) <= tokens) return line;
  return `${line.slice(0, counter.fittingLength(line, tokens - 3))} […]`;
}
