import { readTextFile } from "../text-file.js";

/** What stands in a `.env` file: values by name, and the line (from 1) on which a name is set. */
export type EnvFile = { values: Readonly<Record<string, string>>; lineOf(name: string): number };

export const noEnvFile: EnvFile = { values: {}, lineOf: () => 0 };

/** Reads a `.env` file into an object of its own; a file that is not there is empty. Throws SettingsError. */
export async function readEnvFile(file: string): Promise<EnvFile> {
  const text = await readTextFile(file);
  if (text === null) return noEnvFile;
  // A bundled CommonJS package that is loaded late has its default export only.
  const { default: dotenv } = await import("dotenv");
  let lines: ReadonlyMap<string, number> | undefined;
  return {
    values: dotenv.parse(withoutGaps(text)),
    lineOf: (name) => (lines ??= linesByName(text)).get(name) ?? 0,
  };
}

/** Longer runs of blank lines are shortened: the parser's time grows with the square of their length. */
const mostBlankLines = 50;

function withoutGaps(text: string): string {
  let blank = 0;
  const kept = text.split(/(?<=[\n\u2028\u2029]|\r(?!\n))/).filter((line) => {
    blank = line.trim() === "" ? blank + 1 : 0;
    return blank <= mostBlankLines;
  });
  return kept.join("");
}

/** The last line that sets each name, as the last one wins. */
function linesByName(text: string): Map<string, number> {
  const lines = text.split(/\r\n|\r|\n/).map((line) => /^\s*(?:export\s+)?([\w.-]+)\s*[=:]/.exec(line)?.[1]);
  return new Map(lines.flatMap((name, index) => (name === undefined ? [] : [[name, index + 1]])));
}
