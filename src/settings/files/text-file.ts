import { randomUUID } from "node:crypto";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
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
    if (codeOf(error) === "ENOENT") return null;
    throw new SettingsError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
}

/** Replaces a settings file as a whole or not at all, through a symbolic link, keeping its permissions. Throws SettingsError. */
export async function replaceTextFile(file: string, text: string): Promise<void> {
  try {
    const target = await orElse(realpath(file), file);
    const before = await orElse(stat(target), null);
    await writeThenRename(target, text, before?.mode);
  } catch (error) {
    throw new SettingsError(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

async function writeThenRename(target: string, text: string, mode: number | undefined): Promise<void> {
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      if (mode !== undefined) await handle.chmod(mode & 0o777);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What is there, or the other where nothing is. */
async function orElse<Value, Other>(looked: Promise<Value>, otherwise: Other): Promise<Value | Other> {
  try {
    return await looked;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return otherwise;
    throw error;
  }
}
