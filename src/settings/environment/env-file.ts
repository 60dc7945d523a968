import { readTextFile } from "../text-file.js";
import { scanEnv, type EnvEntry, type EnvScan } from "./scan-env.js";

/**
 * What stands in a `.env` file: values by name, the line (from 1) on which a name is set, and what is wrong with its value,
 * or null. `warnings` are whole sentences, each with its line, on what is probably meant otherwise than it is read.
 */
export type EnvFile = {
  values: Readonly<Record<string, string>>;
  lineOf(name: string): number;
  problemOf(name: string): string | null;
  warnings: readonly string[];
};

export const noEnvFile: EnvFile = { values: {}, lineOf: () => 0, problemOf: () => null, warnings: [] };

/**
 * Reads a `.env` file into an object of its own; a file that is not there is empty. `shown`
 * is its name in warnings. Throws SettingsError.
 */
export async function readEnvFile(file: string, shown = ".env"): Promise<EnvFile> {
  const text = await readTextFile(file);
  return text === null ? noEnvFile : parseEnvFile(text, shown);
}

/** What the text of a `.env` file says. */
export async function parseEnvFile(text: string, shown = ".env"): Promise<EnvFile> {
  // A bundled CommonJS package that is loaded late has its default export only.
  const { default: dotenv } = await import("dotenv");
  const lines = text.replace(/\r\n?/g, "\n");
  const scan = scanEnv(lines);
  // Of several lines that set a name, the last one counts.
  const entries = new Map(scan.entries.map((entry) => [entry.name, entry]));
  return {
    values: dotenv.parse(withoutGaps(withHashes(lines, scan.entries))),
    lineOf: (name) => (entries.get(name)?.line ?? -1) + 1,
    problemOf: (name) => entries.get(name)?.problem ?? null,
    warnings: warningsOf(scan, shown),
  };
}

/** The text with values that hold a `#` in quotes, since dotenv takes each `#` of a value without them for a comment. */
function withHashes(text: string, entries: readonly EnvEntry[]): string {
  const hashed = entries.filter(({ quote, written }) => quote === "" && written.includes("#"));
  if (hashed.length === 0) return text;
  const lines = text.split("\n");
  for (const { line, before, written } of hashed) {
    const quote = ["'", "`", '"'].find((one) => !written.includes(one));
    if (quote !== undefined) lines[line] = `${before}${quote}${written}${quote}`;
  }
  return lines.join("\n");
}

function warningsOf({ entries, strays }: EnvScan, shown: string): string[] {
  const references = entries.filter(({ quote, written }) => quote !== "'" && /\$\{\w/.test(written));
  const found: [line: number, what: string][] = [
    ...entries.flatMap(({ name, line, problem }): [number, string][] =>
      problem === null ? [] : [[line, `the value of ${name} is probably not what is meant: ${problem}.`]],
    ),
    ...references.map(({ name, line }): [number, string] => [
      line,
      `\${…} in ${name} is not replaced by another variable; write the value itself, or put it in single quotes if it is meant so.`,
    ]),
    ...strays.map((line): [number, string] => [
      line,
      "this is no NAME=value, nor a comment, so it counts for nothing.",
    ]),
  ];
  return found.sort(([one], [other]) => one - other).map(([line, what]) => `${shown}, line ${line + 1}: ${what}`);
}

/** Longer runs of blank lines are shortened: the parser's time grows with the square of their length. */
const mostBlankLines = 50;

function withoutGaps(text: string): string {
  let blank = 0;
  const kept = text.split(/(?<=[\n\u2028\u2029])/).filter((line) => {
    blank = line.trim() === "" ? blank + 1 : 0;
    return blank <= mostBlankLines;
  });
  return kept.join("");
}
