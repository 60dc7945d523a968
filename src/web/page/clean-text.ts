import { firstCharacters } from "../../base/text.js";

/** Controls, bidi controls, invisible characters and halves of surrogate pairs; tab and newline stay. */
const unwanted =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;

/** Text without what would be invisible to a person, with single spaces and at most one blank line in a row. */
export const cleanText = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(unwanted, "")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

/** The same on one line, at most `most` characters. */
export function cleanLine(text: string, most: number): string {
  const line = cleanText(text).replace(/\s+/g, " ");
  return line.length > most ? `${firstCharacters(line, most)}…` : line;
}
