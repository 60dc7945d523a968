import { withoutInvisible } from "../../base/text.js";

/** How text is laid out: `paragraphs` with blank lines between them and marks before list items, or plain `lines`. */
export type Layout = "paragraphs" | "lines";

/** Puts a text together from what a walk over a page comes by. Breaks and spaces are written once something follows. */
export interface TextWriter {
  /** Text whose white space means nothing but a space; in code all of it is kept. */
  write(text: string): void;
  /** A line as it is, on a line of its own. */
  line(text: string): void;
  space(): void;
  lineBreak(): void;
  /** The beginning or end of a block; `apart`: with a blank line where the layout has them. */
  block(apart: boolean): void;
  /** What stands before the next text, such as the mark of a list item; `depth`: of how many lists it is inside. */
  mark(text: string, depth: number): void;
  /** What follows is parted by a space from what stands there where the two would read as one word or number. */
  apart(): void;
  /** The last character that stands there; "" at the start and where a break or a space is about to be written. */
  last(): string;
  text(): string;
}

/** For text whose white space means nothing but a space. */
export function createTextWriter(layout: Layout): TextWriter {
  const kept = createTail();
  let breaks = 0;
  let spaced = false;
  let isApart = false;
  let mark: { text: string; depth: number } | null = null;
  const mostBreaks = layout === "paragraphs" ? 2 : 1;
  const begin = (next: string): void => {
    if (breaks > 0 && kept.last() !== "") kept.add("\n".repeat(breaks));
    else if ((spaced || (isApart && readAsOne(kept.last(), next))) && kept.isInLine()) kept.add(" ");
    if (mark !== null) {
      if (kept.isInLine()) kept.add("\n");
      const depth = layout === "paragraphs" ? Math.min(Math.max(0, mark.depth - 1), 20) : 0;
      kept.add("  ".repeat(depth) + mark.text);
    }
    breaks = 0;
    spaced = isApart = false;
    mark = null;
  };
  const block = (apart: boolean): void => {
    // The first block of a list item stands behind its mark.
    if (mark === null) breaks = Math.max(breaks, apart ? mostBreaks : 1);
  };
  return {
    write(given) {
      const words = withoutInvisible(given).replace(/\s+/g, " ");
      if (words.startsWith(" ")) spaced = true;
      const trimmed = words.trim();
      if (trimmed === "") return;
      begin(trimmed);
      kept.add(trimmed);
      spaced = words.endsWith(" ");
    },
    line(given) {
      block(false);
      begin(given);
      kept.add(given);
      breaks = 1;
    },
    space: () => void (spaced = true),
    lineBreak: () => void (breaks = Math.min(mostBreaks, breaks + 1)),
    block,
    mark(given, depth) {
      block(false);
      mark = { text: given, depth };
    },
    apart: () => void (isApart = true),
    last: () => (breaks > 0 || spaced ? "" : kept.last().slice(-1)),
    text: kept.text,
  };
}

/** For text whose lines and spaces are kept, as in code. */
export function createCodeWriter(): TextWriter {
  const kept = createTail();
  const endLine = (): void => {
    if (kept.isInLine()) kept.add("\n");
  };
  return {
    write: (given) => kept.add(withoutInvisible(given).replaceAll("\u00a0", " ")),
    line(given) {
      endLine();
      kept.add(`${given}\n`);
    },
    space: () => undefined,
    lineBreak: () => kept.add("\n"),
    block: endLine,
    mark(given) {
      endLine();
      kept.add(given);
    },
    apart: () => undefined,
    last: () => kept.last().slice(-1),
    text: kept.text,
  };
}

/** Text that is put together once, and of which the last two characters are known meanwhile. */
function createTail() {
  const parts: string[] = [];
  let tail = "";
  return {
    add(text: string): void {
      parts.push(text);
      tail = (tail + text.slice(-2)).slice(-2);
    },
    last: () => tail,
    isInLine: () => tail !== "" && !tail.endsWith("\n"),
    text: () => parts.join(""),
  };
}

/** Whether two texts that touch would read as one: `19.99` and `29.99`, `Home` and `Prices`. */
const readAsOne = (before: string, after: string): boolean => {
  if (/\p{N}$/u.test(before)) return /^[\p{N}\p{Sc}\p{Lu}]/u.test(after);
  return /\p{L}\p{Ll}$/u.test(before) && /^[\p{Lu}\p{N}\p{Sc}]/u.test(after);
};
