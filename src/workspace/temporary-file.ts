import { constants, type Stats } from "node:fs";
import { open, readFile, rename, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Boundary } from "./boundary.js";
import type { HeldPath } from "./held-path.js";
import { draftName, removeAbandoned, writerOfDraft } from "../base/files.js";
import { codeOf } from "../base/system-error.js";
import { WorkspaceError } from "./workspace-error.js";

const start = ".autogpt-";
const newName = (): string => draftName(start);

/** Whether a file is one of our half-written ones. */
export const isTemporaryName = (name: string): boolean => writerOfDraft(name, start) !== null;

/**
 * Puts a new file in the place of the old one in one act: a reader, or whoever looks after a crash, finds the old bytes
 * or the new. Mode and owner of the old file are kept. It is written outside the workspace, or beside its target where the two
 * are on different disks.
 */
export async function replaceHeldFile(
  boundary: Boundary,
  held: HeldPath,
  fill: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const name = newName();
  try {
    await writeAndRename(join(boundary.temporaryDirectory, name), held, fill);
  } catch (error) {
    if (error instanceof WorkspaceError || codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT") throw error;
    await held.folder.recheck();
    await writeAndRename(held.folder.at(name), held, fill);
  }
}

/** A file outside the workspace, for reading and writing, that is gone afterwards. */
export async function withScratchFile<Result>(
  { temporaryDirectory }: Boundary,
  use: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const path = join(temporaryDirectory, newName());
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    return await use(handle);
  } finally {
    await handle.close();
    await unlink(path).catch(() => {});
  }
}

async function writeAndRename(temporary: string, held: HeldPath, fill: (handle: FileHandle) => Promise<void>) {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(temporary, flags, 0o666);
  try {
    try {
      await fill(handle);
      if (held.stats) await takeAfter(handle, held.stats);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await held.folder.recheck();
    await moveTo(temporary, held);
    await held.folder.recheck();
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

/** The owner of the old file is kept where that is allowed, its permissions always. */
async function takeAfter(handle: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid).catch(() => {});
  await handle.chmod(mode & 0o777);
}

/** A single file that is mounted cannot be replaced, only written. */
async function moveTo(temporary: string, held: HeldPath): Promise<void> {
  try {
    await rename(temporary, held.folder.at(held.name));
  } catch (error) {
    if (codeOf(error) !== "EBUSY" || !held.stats?.isFile()) throw error;
    const flags = constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0);
    const mounted = await open(held.folder.at(held.name), flags);
    try {
      const content = await readFile(temporary);
      await mounted.truncate(0);
      await mounted.writeFile(content);
      await mounted.sync();
    } finally {
      await mounted.close();
    }
    await unlink(temporary);
  }
}

/** Removes what processes that were killed have left behind in `directory`. */
export const removeAbandonedFiles = (directory: string): void => removeAbandoned(directory, start);
