/**
 * The rows of a table as text, a line for each; where the first row holds the columns' names, they stand before the
 * values, so that a row says by itself what it is about. Rows of one cell above them are titles.
 */
export function textOfRows(rows: readonly (readonly string[])[]): string {
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const firstWide = width < 2 ? -1 : rows.findIndex((row) => row.filter((cell) => cell !== "").length > 1);
  const at = Math.max(0, firstWide);
  const [heading = [], ...others] = rows.slice(at);
  if (others.length === 0 || !isHeading(heading, others)) return rows.map(plainRow).join("\n");
  const titles = rows.slice(0, at).map(plainRow);
  const values = others.map((row) => row.flatMap((cell, column) => named(heading[column], cell)).join("; "));
  return [...titles, ...values].join("\n");
}

const plainRow = (row: readonly string[]): string => row.join("; ").replace(/(?:; )+$/, "");

const named = (name: string | undefined, cell: string): string[] =>
  cell === "" ? [] : [name === undefined || name === "" ? cell : `${name}: ${cell}`];

const isNumber = (cell: string): boolean => /^[\d.,:%\s/+()€$£¥-]*\d[\d.,:%\s/+()€$£¥-]*$/.test(cell);
const isYear = (cell: string): boolean => /^(?:1[5-9]|2[01])\d\d$/.test(cell);

/**
 * Whether a row names columns: its cells are all different and no numbers, save years over numbers that are none. One
 * cell may be empty: the corner over the names of the rows.
 */
function isHeading(row: readonly string[], others: readonly (readonly string[])[]): boolean {
  const names = row.filter((cell, at) => cell !== "" || at > 0);
  if (row.length < 2 || names.length < 1 || names.includes("") || new Set(names).size < names.length) return false;
  const numbers = row.flatMap((cell, at) => (isNumber(cell) ? [at] : []));
  if (numbers.length === 0) return true;
  return numbers.every((at) => isYear(row[at] ?? "") && others.some((other) => !isYear(other[at] ?? "")));
}
