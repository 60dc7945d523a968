import { tokensOf } from "../../history/totals.js";
import { escapeControls } from "../../base/escape.js";
import { cutToWidth } from "../text/table.js";
import { costText, durationText, shortNumber } from "../text/words.js";
import type { ProgressView, Wait } from "./progress.js";

const separator = " · ";

/** What goes on in one line of at most so many columns; where they are few, what matters least is left out. */
export function statusLine(view: ProgressView, columns: number): string {
  const { step, limits, wait, elapsedMs, granted, goals } = view;
  // In the order in which they stand, each with its weight: the heaviest are chosen first.
  const parts: [text: string, weight: number][] = [
    [`step ${step}${limits.steps === null ? "" : ` of ${limits.steps}`}`, 9],
    [wait === null ? "" : waitText(wait, elapsedMs), 8],
    [timeText(view), 6],
    [tokensText(view), 4],
    [moneyText(view), 5],
    [granted > 0 ? `y -${granted} left` : "", 7],
    [goals === null ? "" : `${goals.reached} of ${goals.all} goals`, 3],
    ["Ctrl-C stops the step", 2],
  ];
  const there = parts.filter(([text]) => text !== "");
  const chosen = new Set<string>();
  const line = (): string =>
    there
      .filter(([text]) => chosen.has(text))
      .map(([text]) => escapeControls(text, { newlines: "escape" }))
      .join(separator);
  // What does not fit leaves room for something lighter and shorter.
  for (const [text] of [...there].sort(([, one], [, other]) => other - one)) {
    chosen.add(text);
    if (chosen.size > 1 && cutToWidth(line(), columns) !== line()) chosen.delete(text);
  }
  return cutToWidth(line(), columns);
}

function waitText({ what, sinceMs, forMs }: Wait, elapsedMs: number): string {
  const waited = wholeSeconds(elapsedMs - sinceMs);
  return forMs === undefined ? `${what} ${waited}` : `${what}, ${waited} of ${wholeSeconds(forMs)}`;
}

const timeText = ({ elapsedMs, limits }: ProgressView): string =>
  `run ${wholeSeconds(elapsedMs)}${limits.seconds === null ? "" : ` of ${wholeSeconds(limits.seconds * 1000)}`}`;

const tokensText = ({ totals, limits }: ProgressView): string =>
  `${shortNumber(tokensOf(totals))}${limits.tokens === null ? "" : ` of ${shortNumber(limits.tokens)}`} tokens`;

const moneyText = ({ totals, limits }: ProgressView): string =>
  `${costText(totals)}${limits.costUsd === null ? "" : ` of $${limits.costUsd}`}`;

/** Seconds as they pass, without parts of one that would flicker. */
const wholeSeconds = (milliseconds: number): string => {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  return seconds < 10 ? `${seconds} s` : durationText(seconds * 1000);
};
