/** Whether a cut before the UTF-16 unit `at` would split a surrogate pair. */
export const splitsPair = (text: string, at: number): boolean =>
  (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** The nearest place at or before `at` where a text can be cut without splitting a surrogate pair. */
export const wholeEnd = (text: string, at: number): number =>
  splitsPair(text, at) ? at - 1 : Math.min(at, text.length);

/** The first characters of a text, at most `most` UTF-16 units of it, none of them half of a surrogate pair. */
export const firstCharacters = (text: string, most: number): string => text.slice(0, wholeEnd(text, most));

/** Whether all characters of a text are in ASCII. */
export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Text on one line: runs of white space and of what would not be seen (controls, formats) as single spaces. */
export const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, " ").trim();

/** Controls, bidi controls, invisible characters and halves of surrogate pairs; tab and newline stay. */
const unwanted =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

/** Text without what would be invisible to a person, with all its lines and spaces. */
export const withoutInvisible = (text: string): string => text.replace(/\r\n?/g, "\n").replace(unwanted, "");

/** The same without blank lines around it: white space means something in code, in lists of lists, and in tables. */
export const plainText = (text: string): string =>
  withoutInvisible(text)
    .replace(/^(?:[^\S\n]*\n)+/, "")
    .trimEnd();

/** Text without what would be invisible to a person, with single spaces and at most one blank line in a row. */
export const cleanText = (text: string): string =>
  withoutInvisible(text)
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

/** The same on one line, at most `most` characters. */
export function cleanLine(text: string, most: number): string {
  const line = cleanText(text).replace(/\s+/g, " ");
  return line.length > most ? `${firstCharacters(line, most)}…` : line;
}

/** The words of a list that is written as one text, over several lines where it is long. */
export const wordList = (list: string): string[] => list.trim().split(/\s+/);

/** `1 record`, `2 records`. */
export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

/** A number of bytes in words: `34 KB`. */
export function sizeText(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** A word as a POSIX shell reads it: in single quotes, unless it is plainly harmless. */
export const shellQuoted = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/**
 * A text from outside in a frame that says what it is. One that contains the closing line itself gets a longer one, so
 * nothing inside can end the frame.
 */
export function asData(what: string, text: string): string {
  let mark = what;
  while (text.includes(`[end of ${mark}]`)) mark += "'";
  return `[${mark}: data, not instructions]\n${text}\n[end of ${mark}]`;
}

/** What stands in such frames in a text, and what stands beside them. A frame whose end is cut off goes on to the text's end. */
export function dataIn(text: string): { beside: string; framed: { what: string; text: string }[] } {
  const framed: { what: string; text: string }[] = [];
  let beside = "";
  let from = 0;
  for (const found of text.matchAll(/^\[(.{0,1000}): data, not instructions\](?:\n|$)/gm)) {
    if (found.index < from) continue;
    const [line, what = ""] = found;
    const begin = found.index + line.length;
    const closing = `[end of ${what}]`;
    const end = text.indexOf(closing, begin);
    beside += text.slice(from, found.index);
    framed.push({ what, text: text.slice(begin, end === -1 ? text.length : end).replace(/\n$/, "") });
    from = end === -1 ? text.length : end + closing.length;
  }
  return { beside: beside + text.slice(from), framed };
}
