import { escapeControls } from "../../base/escape.js";
import { firstCharacters } from "../../base/text.js";

/** The longest text that stands within a line. */
const mostCharacters = 600;

/**
 * A text of anybody's within a line of Markdown, as code: nothing in it is a link, an image, a mention or HTML to whoever
 * shows it. It stays on its line, controls are spelled out, and a long one is cut.
 */
export function codeSpan(text: string): string {
  const whole = escapeControls(text, { newlines: "escape" });
  const line = whole.length > mostCharacters ? `${firstCharacters(whole, mostCharacters)}…` : whole;
  if (line.trim() === "") return "(nothing)";
  const fence = "`".repeat(longestRun(line, "`") + 1);
  // A sign of the fence at its edge would belong to it; one space on each side is taken off again.
  const space = /^[` ]|[` ]$/.test(line) ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** The same in the cell of a table, where a bar ends the cell in code as well. */
export const codeCell = (text: string): string => codeSpan(text).replaceAll("|", "\\|");

/** A text of several lines as a block of code, from the beginning of a line. */
export function codeBlock(text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text, "`") + 1));
  return `${fence}text\n${escapeControls(text, { newlines: "keep" }).replace(/\n+$/, "")}\n${fence}`;
}

const longestRun = (text: string, sign: string): number =>
  (text.match(new RegExp(`${sign}+`, "g")) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
