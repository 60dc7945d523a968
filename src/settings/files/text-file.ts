import { realpath } from "node:fs/promises";
import { replaceFile } from "../../base/files.js";
import { isMissing, nullIfMissing } from "../../base/system-error.js";
import { SettingsError, messageOf } from "../../errors.js";
import { readBoundedFile } from "./bounded-file.js";

/**
 * Reads a settings file of at most 1 MB as text without its byte order mark, or null where there is none. UTF-8, or
 * UTF-16 with a mark. With `pipe` it may be a pipe, too. Throws SettingsError.
 */
export async function readTextFile(file: string, { pipe = false } = {}): Promise<string | null> {
  const bytes = await readBytes(file, pipe);
  if (bytes === null) return null;
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SettingsError(`${file} is not UTF-8 text. Save it as UTF-8.`, { cause: error });
  }
}

async function readBytes(file: string, pipe: boolean): Promise<Buffer | null> {
  try {
    return await readBoundedFile(file, { pipe });
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    if (isMissing(error)) return null;
    throw new SettingsError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
}

/**
 * Replaces a settings file as a whole or not at all, through a symbolic link, keeping its permissions; a new one gets
 * `newMode`. Throws SettingsError.
 */
export async function replaceTextFile(file: string, text: string, { newMode = 0o666 } = {}): Promise<void> {
  try {
    await replaceFile((await realpath(file).catch(nullIfMissing)) ?? file, text, { newMode });
  } catch (error) {
    throw new SettingsError(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
