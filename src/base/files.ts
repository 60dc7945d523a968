import { randomUUID } from "node:crypto";
import {
  chmodSync,
  createReadStream,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { open, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isRunning } from "./process/is-running.js";
import { codeOf, nullIfMissing } from "./system-error.js";

/** The bytes of a file from here on, fewer where it ends before. One read of the system may bring less, so it is repeated until then. */
export async function readRange(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** The size of a file in bytes; 0 where there is none. */
export const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(nullIfMissing))?.size ?? 0;

/** Resolves once the content of a file is on disk, whoever wrote it. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces or creates `file` in one act, on disk before it appears: a reader finds the old content or the new. The
 * permissions of the old file are kept; a new one gets `newMode`, by default for its owner alone. A file that cannot be
 * replaced but written, such as one that is mounted by itself, is written in place: the new content lies beside it, where
 * that is possible, until it is on disk. Throws the system's error; but for writing in place, the old content is as it was.
 */
export async function replaceFile(
  file: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  { newMode = 0o600 } = {},
): Promise<void> {
  const draft = newDraft(file);
  const before = await stat(file).catch(nullIfMissing);
  const handle = await open(draft, "wx", newMode).catch((thrown: unknown) => {
    if (typeof content !== "string" || before === null || !isFolderClosed(thrown)) throw thrown;
    return null;
  });
  if (handle === null) return writeInPlace(file, [content as string], Buffer.byteLength(content as string));
  try {
    try {
      if (before) await handle.chmod(before.mode & 0o777);
      const isWhole = typeof content === "string" || content instanceof Uint8Array;
      for await (const chunk of isWhole ? [content] : content) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      await rename(draft, file);
      return;
    } catch (thrown) {
      if (!before?.isFile() || !isFixedPlace(thrown)) throw thrown;
    }
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await writeInPlace(file, createReadStream(draft), await sizeOf(draft));
  await unlink(draft);
}

/**
 * As `replaceFile`, for a small text that has to be kept before anything else goes on. With `isSynced` false nobody waits for the disk: after a
 * power cut the file may be empty, which is for what can be made again.
 */
export function replaceFileSync(file: string, text: string, { isSynced = true } = {}): void {
  const draft = newDraft(file);
  try {
    writeFileSync(draft, text, { flag: "wx", mode: 0o600, flush: isSynced });
    const before = statSync(file, { throwIfNoEntry: false });
    if (before) chmodSync(draft, before.mode & 0o777);
    renameSync(draft, file);
  } catch (error) {
    if (!(isFixedPlace(error) || isFolderClosed(error)) || !statSync(file, { throwIfNoEntry: false })?.isFile())
      throw error;
    writeFileSync(file, text, { flag: "r+", flush: isSynced });
    truncateSync(file, Buffer.byteLength(text));
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Nothing can be renamed to this place: it is a mount of its own, or belongs to somebody else. */
const isFixedPlace = (thrown: unknown): boolean => ["EBUSY", "EXDEV", "EPERM", "EACCES"].includes(codeOf(thrown) ?? "");

/** No file can be made in this folder, though one that is there may perhaps be written. */
const isFolderClosed = (thrown: unknown): boolean =>
  ["EROFS", "EACCES", "EPERM", "EDQUOT"].includes(codeOf(thrown) ?? "");

/** Writes over the content of a file that is there, and cuts off what is left of the old. */
async function writeInPlace(file: string, content: AsyncIterable<Buffer> | [string], size: number): Promise<void> {
  const handle = await open(file, "r+");
  try {
    for await (const chunk of content) await handle.writeFile(chunk);
    await handle.truncate(size);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Beside the file that it will replace; what processes left there that were killed while they wrote is removed. */
function newDraft(file: string): string {
  const start = `${basename(file)}.`;
  try {
    removeAbandoned(dirname(file), start);
  } catch {
    // It only takes up room.
  }
  return join(dirname(file), draftName(start));
}

/** What half-written files are called behind their `start`: the process that writes, and something of their own. */
const draftEnd = /^(\d+)-[0-9a-f-]{36}\.tmp$/;

/** A new name for a half-written file. */
export const draftName = (start: string): string => `${start}${process.pid}-${randomUUID()}.tmp`;

/** The process that writes the half-written file of this name; null where it is none with this `start`. */
export function writerOfDraft(name: string, start: string): number | null {
  const pid = name.startsWith(start) ? draftEnd.exec(name.slice(start.length))?.[1] : undefined;
  return pid === undefined ? null : Number(pid);
}

/** Removes the half-written files of a folder whose processes are gone. Throws where the folder cannot be listed. */
export function removeAbandoned(folder: string, start: string): void {
  for (const name of readdirSync(folder)) {
    const pid = writerOfDraft(name, start);
    if (pid === null || isRunning(pid)) continue;
    try {
      rmSync(join(folder, name), { force: true });
    } catch {
      // It only takes up room.
    }
  }
}
