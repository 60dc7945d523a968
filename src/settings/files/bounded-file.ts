import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { SettingsError } from "../../errors.js";
import { codeOf } from "../../base/system-error.js";

/** No settings file comes near it. */
const mostBytes = 1 << 20;
const longestWaitMs = 60_000;
const pauseMs = 20;

/**
 * Reads a regular file of at most 1 MB, or with `pipe` a pipe that gives as much within a minute. Never waits for a
 * device or a pipe that nobody writes to. Throws SettingsError for another kind of file or a longer one, and what the
 * system throws.
 */
export async function readBoundedFile(file: string, { pipe }: { pipe: boolean }): Promise<Buffer> {
  // Without this flag, which does not exist on Windows, opening waits until somebody writes.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (!stats.isFile() && !(pipe && stats.isFIFO())) throw noRegularFile(file, stats.isDirectory());
    return await readAll(handle, file);
  } finally {
    await handle.close();
  }
}

async function readAll(handle: FileHandle, file: string): Promise<Buffer> {
  const bytes = Buffer.alloc(mostBytes + 1);
  const deadline = Date.now() + longestWaitMs;
  for (let filled = 0; ;) {
    const bytesRead = await readSome(handle, bytes, filled);
    if (bytesRead === 0) return bytes.subarray(0, filled);
    filled += bytesRead ?? 0;
    if (filled > mostBytes)
      throw new SettingsError(`${file} is larger than 1 MB, so it is no settings file. Name another one.`);
    if (bytesRead !== null) continue;
    if (Date.now() > deadline)
      throw new SettingsError(`${file} is a pipe that did not end within a minute. Write a file.`);
    await pause(pauseMs);
  }
}

/** How many bytes were read; null where there are none yet. */
async function readSome(handle: FileHandle, bytes: Buffer, filled: number): Promise<number | null> {
  try {
    return (await handle.read(bytes, filled, bytes.length - filled, null)).bytesRead;
  } catch (error) {
    if (codeOf(error) === "EAGAIN") return null;
    throw error;
  }
}

const noRegularFile = (file: string, isFolder: boolean): SettingsError =>
  new SettingsError(
    `${file} cannot be read: it is ${isFolder ? "a folder" : "a pipe or a device"}, not a regular file. Put a text file in its place.`,
  );
