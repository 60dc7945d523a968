import { monotonicMs } from "../base/stopwatch.js";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { replaceFile } from "../base/files.js";
import { isMissing, nullIfMissing, codeOf } from "../base/system-error.js";
import { SettingsError, messageOf } from "../errors.js";

/** How large a file may be, in bytes, and what is said of a larger one. */
export type MostBytes = { bytes: number; tooLarge: string };

/** The largest settings file; none comes near it. */
const ofSettings: MostBytes = {
  bytes: 1 << 20,
  tooLarge: "is larger than 1 MB, so it cannot be a settings file. Name another one.",
};

/**
 * Reads a settings file of at most 1 MB, or another file of at most `most`, as text without its byte order mark, or null where there is
 * none. UTF-8, or UTF-16 with a mark. With `pipe` it may be a pipe, too. Throws SettingsError.
 */
export async function readTextFile(file: string, { pipe = false, most = ofSettings } = {}): Promise<string | null> {
  const bytes = await readBytes(file, { pipe, most });
  if (bytes === null) return null;
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SettingsError(`${file} is not UTF-8 text. Save it as UTF-8.`, { cause: error });
  }
}

async function readBytes(file: string, options: ReadOptions): Promise<Buffer | null> {
  try {
    return await readBoundedFile(file, options);
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

type ReadOptions = { pipe: boolean; most: MostBytes };

const longestWaitMs = 60_000;
const pauseMs = 20;

/**
 * Reads a regular file of at most so many bytes, or with `pipe` a pipe that gives as much within a minute. Never waits for a
 * device or a pipe that nobody writes to. Throws SettingsError for another kind of file or a longer one, and what the
 * system throws.
 */
async function readBoundedFile(file: string, { pipe, most }: ReadOptions): Promise<Buffer> {
  // Without this flag, which does not exist on Windows, opening waits until somebody writes.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() && !(pipe && stats.isFIFO())) throw noRegularFile(file, stats.isDirectory());
    return await readAll(descriptor, file, {
      most,
      expected: stats.isFile() ? Math.min(stats.size, most.bytes) : most.bytes,
    });
  } finally {
    closeSync(descriptor);
  }
}

/** What comes until the end, which is expected behind so many bytes. */
async function readAll(
  descriptor: number,
  file: string,
  { most, expected }: { most: MostBytes; expected: number },
): Promise<Buffer> {
  let bytes = Buffer.allocUnsafe(expected + 1);
  const deadline = monotonicMs() + longestWaitMs;
  for (let filled = 0; ;) {
    if (filled === bytes.length) bytes = Buffer.concat([bytes], most.bytes + 1);
    const bytesRead = readSome(descriptor, bytes, filled);
    if (bytesRead === 0) return bytes.subarray(0, filled);
    filled += bytesRead ?? 0;
    if (filled > most.bytes) throw new SettingsError(`${file} ${most.tooLarge}`);
    if (bytesRead !== null) continue;
    if (monotonicMs() > deadline)
      throw new SettingsError(`${file} is a pipe that did not end within a minute. Write a file.`);
    await pause(pauseMs);
  }
}

/** How many bytes were read; null where there are none yet. */
function readSome(descriptor: number, bytes: Buffer, filled: number): number | null {
  try {
    return readSync(descriptor, bytes, filled, bytes.length - filled, null);
  } catch (error) {
    if (codeOf(error) === "EAGAIN") return null;
    throw error;
  }
}

const noRegularFile = (file: string, isFolder: boolean): SettingsError =>
  new SettingsError(
    `${file} cannot be read: it is ${isFolder ? "a folder" : "a pipe or a device"}, not a regular file. Put a text file in its place.`,
  );
