import { SettingsError } from "../../errors.js";
import { readTextFile, replaceTextFile } from "../text-file.js";

/**
 * Sets variables in a `.env` file, which is made where it is missing: a line that sets one is replaced, whatever else
 * stands there stays. A new file can be read by its owner alone. Throws SettingsError.
 */
export async function writeEnvironmentFile(file: string, values: Readonly<Record<string, string>>): Promise<void> {
  const before = await readTextFile(file);
  const lines = (before ?? "").replace(/\n$/, "").split(/\r?\n/);
  for (const [name, value] of Object.entries(values)) {
    if (/[\r\n]/.test(value)) throw new SettingsError(`${name} cannot hold a line break.`);
    const line = `${name}=${written(value)}`;
    const index = lines.findLastIndex((one) => new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`).test(one));
    if (index === -1) lines.push(line);
    else lines[index] = line;
  }
  await replaceTextFile(file, `${lines.join("\n").replace(/^\n+/, "")}\n`, { newMode: 0o600 });
}

/** In quotes where a plain value would be read in another way. */
function written(value: string): string {
  if (/^[\w@%+:,./~-]*$/.test(value)) return value;
  return value.includes("'") ? JSON.stringify(value) : `'${value}'`;
}
