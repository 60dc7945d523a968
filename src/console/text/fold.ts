import { layOut } from "../layout.js";

/** A text of more rows is folded: so many of its first and last are shown. */
const mostRows = 14;
const firstRows = 7;
const lastRows = 4;

/**
 * A text as it is where it takes few rows of so many columns, else its beginning and its end, with what is left out and
 * `where` the whole is. Lines are broken as the screen breaks them.
 */
export function fold(text: string, columns: number, where: string): string {
  // Far more than is shown need not be laid out.
  const rows = text.length > 200 * mostRows * columns ? text.split("\n") : layOut(text, columns, "").split("\n");
  if (rows.length <= mostRows) return text;
  const hidden = rows.length - firstRows - lastRows;
  const short = (row: string): string => (row.length > columns ? `${row.slice(0, columns - 1)}…` : row);
  return [
    ...rows.slice(0, firstRows).map(short),
    `… ${hidden} more lines, ${text.length} characters in all: ${where}`,
    ...rows.slice(-lastRows).map(short),
  ].join("\n");
}
