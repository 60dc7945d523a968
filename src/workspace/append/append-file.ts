import { constants } from "node:fs";
import { open, unlink, type FileHandle } from "node:fs/promises";
import type { Boundary } from "../boundary.js";
import { bytesOf, refuseFolderName, writeAfter } from "../change-file.js";
import type { Change } from "../entries.js";
import { atPath, openRegular, type HeldPath } from "../held-path.js";
import { replaceHeldFile } from "../temporary-file.js";
import { noteAppend } from "./unfinished-append.js";
import { shown, WorkspaceError } from "../workspace-error.js";
import { codeOf } from "../../base/system-error.js";

/** How often a file is opened anew that others make and delete at the same time. */
const mostTries = 20;

/**
 * See Workspace.append. The text goes to the end of the file as it is at that moment, in one write of the system, so
 * that nothing is lost of what others append. A file with several names is replaced: the others may lie outside.
 */
export async function appendFile(boundary: Boundary, path: string, content: string | Uint8Array): Promise<Change> {
  refuseFolderName(path);
  const bytes = bytesOf(content);
  for (let tries = 1; ; tries += 1) {
    const change = await atPath(boundary, path, { create: true }, async (held) =>
      held.stats === null ? appendToNew(boundary, held, bytes) : appendToExisting(boundary, held, bytes),
    );
    if (change !== null) return change;
    if (tries >= mostTries) {
      throw new WorkspaceError("failed", `${shown(path)} is made and deleted by others all the time. Try again.`);
    }
  }
}

/** Null where somebody else has made the file meanwhile. */
async function appendToNew(boundary: Boundary, held: HeldPath, bytes: Uint8Array): Promise<Change | null> {
  const path = held.folder.at(held.name);
  const forget = await noteAppend(boundary, held, null, bytes);
  try {
    await held.folder.recheck();
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
    const made = await open(path, flags | (constants.O_NOFOLLOW ?? 0), 0o666);
    try {
      await held.folder.recheck();
      await writeAtEnd(made, bytes, held.asked);
    } catch (error) {
      if ((await made.stat()).size === 0) await unlink(path).catch(() => {});
      throw error;
    } finally {
      await made.close();
    }
    return { changed: true };
  } catch (error) {
    if (codeOf(error) === "EEXIST") return null;
    throw error;
  } finally {
    await forget();
  }
}

/** Null where somebody else has deleted the file meanwhile. */
async function appendToExisting(boundary: Boundary, held: HeldPath, bytes: Uint8Array): Promise<Change | null> {
  const existing = await openRegular(boundary, held, constants.O_RDWR | constants.O_APPEND).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  });
  if (existing === null) return null;
  try {
    if (bytes.length === 0) return { changed: false };
    const stats = await existing.stat();
    if (stats.nlink === 0) return null;
    if (stats.nlink > 1) await replaceHeldFile(boundary, held, (handle) => writeAfter(existing, handle, bytes));
    else {
      const forget = await noteAppend(boundary, held, stats, bytes);
      try {
        await writeAtEnd(existing, bytes, held.asked);
      } finally {
        await forget();
      }
    }
    return { changed: true };
  } finally {
    await existing.close();
  }
}

/** All of the bytes or, where the system fails, none. */
async function writeAtEnd(handle: FileHandle, bytes: Uint8Array, asked: string): Promise<void> {
  let written = 0;
  try {
    while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    await handle.sync();
  } catch (error) {
    if (await takeBack(handle, bytes.subarray(0, written))) throw error;
    throw new WorkspaceError(
      codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT" ? "disk-full" : "failed",
      `${shown(asked)} got only the first ${written} of ${bytes.length} bytes (${codeOf(error)}), and others have written behind them.`,
      { cause: error },
    );
  }
}

/** Cuts these bytes off the end of a file; false where they are not its end, because others wrote behind them. */
async function takeBack(handle: FileHandle, bytes: Uint8Array): Promise<boolean> {
  if (bytes.length === 0) return true;
  const { size } = await handle.stat();
  const end = Buffer.alloc(bytes.length);
  const { bytesRead } = await handle.read(end, 0, bytes.length, size - bytes.length);
  if (bytesRead !== bytes.length || Buffer.compare(end, bytes) !== 0) return false;
  await handle.truncate(size - bytes.length);
  return true;
}
