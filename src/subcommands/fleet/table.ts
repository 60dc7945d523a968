import { isObject, parseJson } from "../../base/json.js";
import { messageOf, SettingsError } from "../../errors.js";

/** The largest table, in bytes: 100,000 rows of 200 characters. */
export const mostTableBytes = 20 << 20;

export type Cell = string | number | boolean;

/** One row of a table: where it stands, for messages, and its values by the names of their columns. */
export type Row = { where: string; values: ReadonlyMap<string, Cell> };

/**
 * The rows of a table: JSON Lines, an object each, where the file's name ends in `.jsonl` or `.ndjson`, and CSV with the names of its
 * columns in the first line otherwise. Throws SettingsError that names file and line.
 */
export async function readTable(file: string, text: string): Promise<Row[]> {
  if (/\.json$/i.test(file))
    throw new SettingsError(
      `${file} is no table: that is CSV, or JSON Lines, an object on each line, in a file whose name ends in .jsonl.`,
    );
  const rows = /\.(jsonl|ndjson)$/i.test(file) ? readLines(file, text) : await readCsv(file, text);
  if (rows.length === 0) throw new SettingsError(`${file} has no rows: there is nothing to put in.`);
  return rows;
}

function readLines(file: string, text: string): Row[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .flatMap((line, index) => {
      if (line.trim() === "") return [];
      const where = `${file}, line ${index + 1}`;
      const object = parseJson(line);
      if (!isObject(object))
        throw new SettingsError(`${where}: each line must be a JSON object, such as {"city": "Bern"}.`);
      const values = Object.entries(object).map(([name, value]): [string, Cell] => {
        if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [name, value];
        throw new SettingsError(`${where}: ${JSON.stringify(name)} must be a text, a number, true or false.`);
      });
      return [{ where, values: new Map(values) }];
    });
}

async function readCsv(file: string, text: string): Promise<Row[]> {
  const { parse } = await import("csv-parse/sync");
  type Parsed = { record: string[]; info: { lines: number } };
  let parsed: Parsed[];
  try {
    parsed = parse(text, {
      ...{ bom: true, info: true, skip_empty_lines: true },
      delimiter: delimiterOf(text),
    }) as unknown as Parsed[];
  } catch (thrown) {
    throw new SettingsError(`${file} is no table that can be read: ${messageOf(thrown)}.`, { cause: thrown });
  }
  const [head, ...rows] = parsed;
  const names = (head?.record ?? []).map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SettingsError(`${file} has two columns ${JSON.stringify(twice)}.`);
  return rows.map(({ record, info }) => ({
    where: `${file}, line ${info.lines}`,
    values: new Map(names.map((name, index) => [name, record[index] ?? ""])),
  }));
}

/** Spreadsheets write the one that their language has: it stands most often in the first line. */
function delimiterOf(text: string): string {
  const [line = ""] = text.split("\n", 1);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

const delimiters = [",", ";", "\t"];
