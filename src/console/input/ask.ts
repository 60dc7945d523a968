import type { Permission } from "../../agent/question.js";

/** What was typed, or what about it is unclear; the last four ask for more than an answer. */
export type UserAnswer =
  | Extract<Permission, { kind: "run" | "feedback" | "stop" }>
  | { kind: "unclear"; message: string }
  | { kind: "help" }
  | { kind: "view" }
  | { kind: "always" }
  | { kind: "edit" };

const words: ReadonlyMap<string, UserAnswer> = new Map<string, UserAnswer>([
  ...["y", "yes"].map((word) => [word, { kind: "run", count: 1 }] as const),
  ...["n", "no", "q", "quit", "exit"].map((word) => [word, { kind: "stop" }] as const),
  ...["?", "help", "h"].map((word) => [word, { kind: "help" }] as const),
  ["a", { kind: "always" }],
  ["e", { kind: "edit" }],
  ["v", { kind: "view" }],
]);
/** Whether an answer to a plain question is a yes; the end of input is none. */
export const isYes = (answer: string | null): boolean => /^y(es)?$/i.test((answer ?? "").trim());

/** Words that programs are ended and asked for help with also behind a slash or a colon. */
const behindMark = new Set(["q", "quit", "exit", "help", "?", "h"]);

/**
 * Reads one answer; null is the end of input and stops. Words and keys count alone, in any case; only `y`, `yes` and
 * `y -N` run anything. What is blank, begins with `y` as a word of its own and is neither, or is nothing but several such
 * words, is unclear; all other text is feedback.
 */
export function readAnswer(line: string | null): UserAnswer {
  if (line === null) return { kind: "stop" };
  const text = line.trim();
  const word = text.toLowerCase();
  const known =
    words.get(word) ?? (/^[/:]/.test(word) && behindMark.has(word.slice(1)) ? words.get(word.slice(1)) : null);
  if (known) return known;
  if (word === "") return unclear("Nothing was entered.");
  const count = Number(/^y(?:es)?[^\S\n]+-(\d+)$/.exec(word)?.[1] ?? 0);
  if (count >= 1 && Number.isSafeInteger(count)) return { kind: "run", count };
  const several = word.split(/\s*\n\s*/);
  if (several.length > 1 && several.every((one) => words.has(one)))
    return unclear("Several answers came at once, so none of them counts.");
  if (/^y(?![\p{L}\p{M}'’])/u.test(word))
    return unclear("This begins with y, but is neither 'y' nor 'y -N' with a whole number N.");
  if (words.has(word.replace(/[.!]+$/, ""))) return unclear(`Is that ${JSON.stringify(word.replace(/[.!]+$/, ""))}?`);
  return { kind: "feedback", text };
}

const unclear = (what: string): UserAnswer => ({ kind: "unclear", message: `${what} ${choices}` });
const choices = "Enter 'y', 'y -N', 'n', or feedback.";
