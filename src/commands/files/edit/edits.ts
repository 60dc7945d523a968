import { usualTimeLimits, type TimeLimits } from "../../../base/waiting/time-limits.js";
import { withTimeLimit } from "../../../base/waiting/with-time-limit.js";
import { counted, firstCharacters } from "../../../base/text.js";

/** A text that stands in a file exactly once, and what is to stand there instead. */
export type Edit = { find: string; replace: string };

type Edited = { ok: true; text: string } | { ok: false; problem: string };

/** The text with these edits, one after the other, or in a sentence for the model why there is none, such as that they take too long: then nothing is changed. */
export function applyEdits(text: string, edits: readonly Edit[], timeLimits: TimeLimits = usualTimeLimits): Edited {
  return (
    withTimeLimit(longestMs, () => applied(text, edits), timeLimits) ?? {
      ok: false,
      problem: `${counted(edits.length, "edit")} in a file of ${counted(text.length, "character")} take too long. Give fewer at a time. Nothing was changed.`,
    }
  );
}

const longestMs = 3_000;

function applied(text: string, edits: readonly Edit[]): Edited {
  let now = text;
  for (const [index, edit] of edits.entries()) {
    const found = place(now, edit);
    if (typeof found === "string") {
      const which = edits.length === 1 ? "" : `Edit ${index + 1} of ${edits.length}: `;
      return { ok: false, problem: `${which}${found} Nothing was changed.` };
    }
    now = now.slice(0, found.at) + found.replace + now.slice(found.at + found.find.length);
  }
  return { ok: true, text: now };
}

type Found = { at: number; find: string; replace: string };

function place(text: string, edit: Edit): Found | string {
  if (edit.find === "") return '"find" is empty. Give the text that is to be replaced, as it stands in the file.';
  for (const { find, replace } of spellings(text, edit)) {
    const places = placesOf(text, find);
    if (places.length === 1) return { at: places[0] as number, find, replace };
    if (places.length > 1) {
      const lines = places.slice(0, mostNamed).map((at) => lineAt(text, at));
      const more = places.length > mostNamed ? " …" : "";
      return (
        `"find" stands there ${places.length} times (in lines ${lines.join(", ")}${more}), and must stand there once. ` +
        "Add lines before or after it until it is the only one."
      );
    }
  }
  return `"find" does not stand there. ${nearest(text, edit.find)}`;
}

const mostNamed = 8;
const anyEnd = /\r\n|[\r\n]/;

/** Models write lines with LF; the file keeps the line ends that it has, where `find` does not name them itself. */
function spellings(text: string, edit: Edit): Edit[] {
  if (edit.find.includes("\r")) return [edit, withLineEnds(edit, "\n")];
  const ends = ["\n", "\r\n", "\r"];
  if (edit.find.includes("\n")) return ends.map((end) => withLineEnds(edit, end));
  if (!edit.replace.includes("\n")) return [edit];
  const counts = [/(?<!\r)\n/g, /\r\n/g, /\r(?!\n)/g].map((end) => text.match(end)?.length ?? 0);
  return [withLineEnds(edit, ends[counts.indexOf(Math.max(...counts))] as string)];
}

const withLineEnds = ({ find, replace }: Edit, end: string): Edit => ({
  find: find.replace(/\r?\n/g, end),
  replace: replace.replace(/\r?\n/g, end),
});

function placesOf(text: string, find: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(find); at !== -1 && places.length < 1000; at = text.indexOf(find, at + 1)) places.push(at);
  return places;
}

/** The number of the line, from 1, in which a character lies. */
const lineAt = (text: string, at: number): number => text.slice(0, at).split(anyEnd).length;

/** What comes nearest to it: the same words with other spaces, or the most alike lines. */
function nearest(text: string, find: string): string {
  const lines = text.split(anyEnd);
  const wanted = find.split(anyEnd);
  const height = wanted.length;
  const same = sameWords(lines, words(find));
  if (same !== -1)
    return `Line ${same + 1} differs from it in spaces only. There stands: ${quoted(lines.slice(same, same + height))}.`;
  const first = wanted.find((line) => line.trim() !== "") ?? "";
  const pairs = pairsOf(first);
  let [best, likeness] = [-1, 0.4];
  for (const [at, line] of lines.slice(0, mostCompared).entries()) {
    const alike = likenessOf(pairs, pairsOf(line));
    if (alike > likeness) [best, likeness] = [at, alike];
  }
  if (best === -1) return `Nothing in its ${counted(lines.length, "line")} is like it. Read the file again.`;
  return `Most like it is line ${best + 1}: ${quoted(lines.slice(best, best + Math.min(height, 5)))}.`;
}

const mostCompared = 20_000;

/** The first line (from 0) from which on these words follow each other; -1 where they do not. */
function sameWords(lines: readonly string[], wanted: string): number {
  const spaced = lines.map((line) => (words(line) === "" ? "" : `${words(line)} `));
  const at = wanted === "" ? -1 : ` ${spaced.join("")}`.indexOf(` ${wanted} `);
  if (at === -1) return -1;
  let before = 0;
  return spaced.findIndex((line) => (before += line.length) > at);
}

const words = (text: string): string => text.replace(/\s+/g, " ").trim();

const quoted = (lines: readonly string[]): string => JSON.stringify(firstCharacters(lines.join("\n"), 500));

/** Pairs of neighbouring letters, by which lines are compared (Dice's coefficient). */
function pairsOf(line: string): Set<string> {
  const text = words(line).slice(0, 400).toLowerCase();
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
}

function likenessOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size + other.size === 0) return 0;
  let both = 0;
  for (const pair of one) if (other.has(pair)) both += 1;
  return (2 * both) / (one.size + other.size);
}
