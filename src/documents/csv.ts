const delimiters = [",", ";", "\t", "|"];

/**
 * A table as text, a line for each row; where the first row holds the columns' names, they stand before the values, so
 * that a row says by itself what it is about. What is no table stays as it is.
 */
export async function textOfCsv(source: string): Promise<string> {
  const { parse } = await import("csv-parse/sync");
  const rows = readRows(source, (delimiter) =>
    parse(source, { delimiter, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true }),
  );
  const [first = [], ...others] = rows;
  if (!isHeading(first) || others.length === 0) return rows.map((row) => row.join("; ")).join("\n");
  return others.map((row) => row.flatMap((cell, at) => named(first[at], cell)).join("; ")).join("\n");
}

const named = (name: string | undefined, cell: string): string[] =>
  cell === "" ? [] : [name === undefined ? cell : `${name}: ${cell}`];

/** With the delimiter that stands most often in the first line. */
function readRows(source: string, parse: (delimiter: string) => unknown): string[][] {
  const [line = ""] = source.split(/\r\n|[\r\n]/, 1);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  const delimiter = delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
  try {
    return parse(delimiter) as string[][];
  } catch {
    return source.split(/\r\n|[\r\n]/).map((text) => [text]);
  }
}

/** Whether a row names columns: its cells are not empty, no numbers, and all different. */
const isHeading = (row: readonly string[]): boolean =>
  row.length > 1 &&
  new Set(row).size === row.length &&
  row.every((cell) => cell !== "" && !/^[\d.,:%\s/+-]+$/.test(cell));
