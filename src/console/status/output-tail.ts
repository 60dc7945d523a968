import { stripVTControlCharacters } from "node:util";
import { escapeControls } from "../../base/escape.js";

/** More than so many lines show at any width. */
const keptCharacters = 4_000;

/** The newest lines of what a command writes while it runs. */
export type OutputTail = {
  add(text: string): void;
  clear(): void;
  /** At most so many lines, safe to show; `mask` takes secrets out of the whole. */
  lines(most: number): string[];
};

export function createOutputTail(mask: (text: string) => string): OutputTail {
  let tail = "";
  return {
    add: (text) => void (tail = (tail + text).slice(-keptCharacters)),
    clear: () => void (tail = ""),
    lines: (most) =>
      stripVTControlCharacters(mask(tail))
        // Of a line that was written over the last text is the one that is seen.
        .split(/\r*\n/)
        .map((line) => line.split("\r").findLast((part) => part.trim() !== "") ?? "")
        .filter((line) => line !== "")
        .slice(-most)
        .map((line) => escapeControls(line.replaceAll("\t", "    "), { newlines: "escape" })),
  };
}
