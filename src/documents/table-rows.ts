/**
 * The rows of a table as text, a line for each; where the first row holds the columns' names, they stand before the
 * values, so that a row says by itself what it is about.
 */
export function textOfRows(rows: readonly (readonly string[])[]): string {
  const [first = [], ...others] = rows;
  if (others.length === 0 || !isHeading(first, others)) return rows.map((row) => row.join("; ")).join("\n");
  return others.map((row) => row.flatMap((cell, at) => named(first[at], cell)).join("; ")).join("\n");
}

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
