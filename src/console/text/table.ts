import stringWidth from "string-width";
import { escapeControls } from "../../base/escape.js";
import { firstCharacters } from "../../base/text.js";

/** One column of a table. */
export type Column = {
  /** Stands above it; no table with an empty one needs a line of headings. */
  heading: string;
  /** Numbers stand at the right. */
  align?: "left" | "right";
  /** It may be cut down to so many columns of the terminal where the table is too wide. */
  least?: number;
  /** Where the table is too wide even so, columns with a number are left out, the lowest first. */
  leaveOut?: number;
};

const gap = "  ";
/** More of one cell is never shown: to measure a text takes time that grows faster than its length. */
const mostCharacters = 1_000;

/**
 * Rows under their headings, as lines, none of them wider than `width`, the terminal's columns; without it everything is
 * shown. Cells are made safe to show, and each stays on one line.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string {
  const cells = rows.map((row) =>
    row.map((cell) => escapeControls(firstCharacters(cell, mostCharacters), { newlines: "escape" })),
  );
  const full = columns.map(({ heading }, index) =>
    Math.max(stringWidth(heading), ...cells.map((row) => stringWidth(row[index] ?? ""))),
  );
  const widths = width === undefined ? full : fitted(columns, full, width);
  const shown = columns.map((_column, index) => index).filter((index) => widths[index] !== null);
  const line = (row: readonly string[]): string =>
    shown
      .map((index) => padded(row[index] ?? "", widths[index] ?? 0, columns[index]?.align))
      .join(gap)
      .trimEnd();
  const headings = columns.map(({ heading }) => heading);
  const lines = cells.map(line);
  return (headings.every((heading) => heading === "") ? lines : [line(headings), ...lines]).join("\n");
}

/** How wide each column is; null for one that is left out. */
function fitted(columns: readonly Column[], full: readonly number[], width: number): (number | null)[] {
  const widths: (number | null)[] = [...full];
  const excess = (): number => {
    const shown = widths.filter((one) => one !== null);
    return shown.reduce((sum, one) => sum + one, gap.length * (shown.length - 1)) - width;
  };
  const leastOf = (index: number): number => Math.min(full[index] ?? 0, columns[index]?.least ?? Infinity);
  const couldFit = (): boolean => {
    const spare = widths.reduce<number>((sum, one, index) => (one === null ? sum : sum + one - leastOf(index)), 0);
    return excess() <= spare;
  };
  const leavable = columns
    .map(({ leaveOut }, index) => ({ index, leaveOut }))
    .filter(({ leaveOut }) => leaveOut !== undefined)
    .sort((one, other) => (one.leaveOut ?? 0) - (other.leaveOut ?? 0));
  for (const { index } of leavable) {
    if (couldFit()) break;
    widths[index] = null;
  }
  // The widest gives way first, so that several that may be cut share what there is.
  for (let over = excess(); over > 0; over -= 1) {
    const widest = widths
      .map((one, index) => ({ one: one ?? 0, index }))
      .filter(({ one, index }) => one > leastOf(index))
      .sort((a, b) => b.one - a.one)[0];
    if (widest === undefined) break;
    widths[widest.index] = widest.one - 1;
  }
  return widths;
}

/** The text, cut or filled to exactly so many columns. */
function padded(text: string, width: number, align: Column["align"] = "left"): string {
  const fitting = cutToWidth(text, width);
  const space = " ".repeat(Math.max(0, width - stringWidth(fitting)));
  return align === "right" ? space + fitting : fitting + space;
}

/** A text of one line, cut to so many columns of a terminal; the last of them says so where something is missing. */
export function cutToWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = "";
  let taken = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    taken += stringWidth(segment);
    if (taken > width - 1) break;
    cut += segment;
  }
  return width < 1 ? "" : `${cut.trimEnd()}…`;
}
