import { SettingsError } from "../../errors.js";
import { readTextFile, replaceTextFile } from "../text-file.js";
import { parseEnvFile } from "./env-file.js";
import { scanEnv } from "./scan-env.js";

/**
 * Sets variables in a `.env` file, which is made where it is missing: the last lines that set one are replaced, whatever else
 * stands there stays, and reads as before. A new file can be read by its owner alone. Throws SettingsError, also for a value
 * that cannot be written so that it reads back the same.
 */
export async function writeEnvironmentFile(file: string, values: Readonly<Record<string, string>>): Promise<void> {
  const before = (await readTextFile(file)) ?? "";
  const text = withValues(before, values);
  const expected = { ...(await parseEnvFile(before)).values, ...values };
  const found = (await parseEnvFile(text)).values;
  for (const [name, value] of Object.entries(expected)) if (found[name] !== value) throw cannotHold(name);
  await replaceTextFile(file, text, { newMode: 0o600 });
}

function withValues(before: string, values: Readonly<Record<string, string>>): string {
  const source = before.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const lines: (string | null)[] = source.split("\n");
  const { entries } = scanEnv(source);
  for (const [name, value] of Object.entries(values)) {
    const line = `${name}=${written(name, value)}`;
    const entry = entries.findLast((one) => one.name === name);
    if (entry === undefined) lines.push(line);
    else for (let at = entry.line; at < entry.end; at++) lines[at] = at === entry.line ? line : null;
  }
  const kept = lines.filter((line) => line !== null).join("\n");
  return `${kept.replace(/^\n+/, "")}\n`;
}

/** In quotes where a plain value would be read in another way; inside of them nothing can be escaped. */
function written(name: string, value: string): string {
  if (/^[\w@%+:,./~-]*$/.test(value)) return value;
  const quote = ["'", "`", '"'].find((one) => !value.includes(one));
  if (quote === undefined || /[\r\n]/.test(value)) throw cannotHold(name);
  return `${quote}${value}${quote}`;
}

const cannotHold = (name: string): SettingsError =>
  new SettingsError(
    `.env cannot hold this value of ${name}: it has a line break, all three kinds of quotes, or a backslash before one. ` +
      "Set it in the environment instead.",
  );
