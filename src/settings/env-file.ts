import { readTextFile } from "./text-file.js";

/** What stands in a `.env` file: values by name, and the line (from 1) on which a name is set. */
export type EnvFile = { values: Readonly<Record<string, string>>; lineOf(name: string): number };

/** Reads a `.env` file into an object of its own; a file that is not there is empty. Throws SettingsError. */
export async function readEnvFile(file: string): Promise<EnvFile> {
  const text = await readTextFile(file);
  if (text === null) return { values: {}, lineOf: () => 0 };
  // A bundled CommonJS package that is loaded late has its default export only.
  const { default: dotenv } = await import("dotenv");
  return { values: dotenv.parse(text), lineOf: (name) => lineOf(text, name) };
}

/** The last line that sets the name, as the last one wins. */
function lineOf(text: string, name: string): number {
  const assignment = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*[=:]`);
  return text.split(/\r\n|\r|\n/).findLastIndex((line) => assignment.test(line)) + 1;
}
