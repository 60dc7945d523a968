import { lineDiff } from "../../base/lines/line-diff.js";
import type { Palette } from "../palette.js";

const contextLines = 3;

/** A line of what changes, and the colour that it has: what goes, what comes, or neither. */
export type ChangedLine = { text: string; colour: Parameters<Palette>[0] | null };

/** What becomes of a text, as a unified diff; all of it where there was none, or will be none. */
export async function changedLines(before: string, after: string): Promise<ChangedLine[]> {
  if (before === "") return linesOf(after).map((line) => marked(`+${line}`));
  if (after === "") return linesOf(before).map((line) => marked(`-${line}`));
  const hunks = await lineDiff(before, after, contextLines);
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    { text: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, colour: "dim" as const },
    ...lines.map(marked),
  ]);
}

function marked(line: string): ChangedLine {
  const mark = line.charAt(0);
  const text = `${mark} ${line.slice(1)}`;
  return { text, colour: mark === "+" ? "green" : mark === "-" ? "red" : null };
}

/** The lines of a text; one that ends with a line break has no empty line behind it. */
export const linesOf = (text: string): string[] => {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
};
