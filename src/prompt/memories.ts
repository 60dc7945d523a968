import type { RecalledNote } from "../history/event-parts.js";
import type { Step } from "../history/events.js";
import type { MemorySource, Recalled } from "../memory/memory.js";
import type { TokenCounter } from "../model/tokens.js";
import { keepResults } from "../base/keeping/kept-results.js";
import { asData, isAscii } from "../base/text.js";

/** A memory as a request shows it, and what the journal says of it. */
export type ShownMemory = { text: string; note: RecalledNote };

/** The text that memory keeps of a step. */
export const recordOf = ({ text, result }: Step): string => `Assistant Reply: ${text}\nResult: ${result.text}`;

const mostMemories = 10;
/** How much a memory that repeats others is put back, against one that fits the query less. */
const weightOfRepetition = 0.4;
/** Records that share so much of their words say the same thing, and so many of them are shown at the most. */
const sameThing = 0.7;
const mostOfTheSame = 3;
/** Of longer texts the beginning tells well enough whether they say the same. */
const comparedCharacters = 2_000;
const longestOrigin = 200;

/**
 * Which of the records that memory found are shown, best first, and how: each in a frame that says what it is and from
 * when, so that it is not taken for what the AI does or was told now. They say different things, and take at most
 * `tokens`: the best one is shortened rather than lost, and whatever comes after gives way.
 */
export function fittingMemories(recalled: readonly Recalled[], tokens: number, counter: TokenCounter): ShownMemory[] {
  const shown: ShownMemory[] = [];
  let left = tokens;
  for (const record of diverse(recalled)) {
    const { id, text, score, source } = record;
    const note = { id, score: Math.round(score * 10_000) / 10_000, source };
    const whole = framed(record, text);
    const size = counter.count(whole) + 1;
    if (size <= left) shown.push({ text: whole, note });
    else if (shown.length === 0) {
      const room = left - 5 - counter.count(framed(record, ""));
      if (room <= 0) break;
      shown.push({ text: framed(record, `${text.slice(0, counter.fittingLength(text, room))} […]`), note });
    } else break;
    left -= size;
  }
  return shown;
}

/** Marks what was written at another time or by others. A text cannot end its frame. */
function framed({ source, time }: Recalled, text: string): string {
  const day = /^\d{4}-\d\d-\d\d/.exec(time)?.[0];
  return asData([originOf(source), day].filter((part) => part !== undefined).join(", "), text);
}

function originOf({ kind, step, from = "" }: MemorySource): string {
  const origin = from.replace(/[\s[\]]+/g, " ").slice(0, longestOrigin);
  if (kind === "page") return `from the web page ${origin}`.trim();
  if (kind === "file") return `from the file ${origin}`.trim();
  return kind === "note" ? "a note" : `step ${step}`;
}

/**
 * By maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): the next one is the one that fits best, less what
 * it shares with those that were taken. Of a step and of the page that was read in it only the best one is taken.
 */
function diverse(recalled: readonly Recalled[]): Recalled[] {
  const best = Math.max(...recalled.map(({ score }) => score), Number.MIN_VALUE);
  const candidates = oneOfEachStep(recalled).map((record) => ({
    record,
    words: wordsOf(record.text),
    fit: record.score / best,
    nearest: 0,
    alike: 0,
  }));
  const taken: Recalled[] = [];
  while (taken.length < mostMemories) {
    const open = candidates.filter(({ alike }) => alike < mostOfTheSame);
    const [first] = open;
    if (first === undefined) break;
    const value = ({ fit, nearest }: typeof first): number => fit - weightOfRepetition * nearest;
    const next = open.reduce((one, other) => (value(other) > value(one) ? other : one));
    candidates.splice(candidates.indexOf(next), 1);
    taken.push(next.record);
    for (const other of candidates) {
      const shared = overlap(next.words, other.words);
      other.nearest = Math.max(other.nearest, shared);
      if (shared >= sameThing) other.alike += 1;
    }
  }
  return taken;
}

function oneOfEachStep(recalled: readonly Recalled[]): Recalled[] {
  const seen = new Set<string>();
  return recalled.filter(({ source: { kind, run, step } }) => {
    if (kind !== "step" && kind !== "page") return true;
    const key = `${run}\n${step}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** The words of a text, and what was found of how much other ones share with them. */
type Words = { all: ReadonlySet<string>; overlaps: WeakMap<Words, number> };

/** A step recalls for the most part what the one before it did. */
const wordsOf = keepResults(
  (text): Words => {
    const compared = text.slice(0, comparedCharacters).toLowerCase();
    const words = compared.match(isAscii(compared) ? /[a-z0-9]+/g : /[\p{L}\p{N}]+/gu);
    return { all: new Set(words), overlaps: new WeakMap() };
  },
  { texts: 200, characters: 1_000_000 },
);

/** Which part of the words of both stands in both (Jaccard), from 0 to 1. */
function overlap(one: Words, other: Words): number {
  const known = one.overlaps.get(other) ?? other.overlaps.get(one);
  if (known !== undefined) return known;
  let common = 0;
  for (const word of one.all) if (other.all.has(word)) common += 1;
  const all = one.all.size + other.all.size - common;
  const found = all === 0 ? 1 : common / all;
  one.overlaps.set(other, found);
  return found;
}
