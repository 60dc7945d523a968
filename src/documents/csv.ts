import { textOfRows } from "./table-rows.js";

const delimiters = [",", ";", "\t", "|"];

/** A table as text, a line for each row, as `textOfRows` writes them. What is no table stays as it is. */
export async function textOfCsv(source: string): Promise<string> {
  const { parse } = await import("csv-parse/sync");
  // The parser takes the first line end for all of them.
  const text = source.replace(/\r\n?/g, "\n");
  const said = /^sep=(.)\n/i.exec(text)?.[1];
  const table = said === undefined ? text : text.slice(text.indexOf("\n") + 1);
  const rows = readRows(table, said, (delimiter) =>
    parse(table, { delimiter, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true }),
  );
  return textOfRows(rows);
}

/** With the delimiter that was said, or else the one that stands most often in the first line. */
function readRows(text: string, said: string | undefined, parse: (delimiter: string) => unknown): string[][] {
  const [line = ""] = text.split("\n", 1);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  const delimiter = said ?? delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
  try {
    return parse(delimiter) as string[][];
  } catch {
    return text.split("\n").map((row) => [row]);
  }
}
