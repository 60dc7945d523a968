import { constants, type Stats } from "node:fs";
import { lstat, open, readlink, realpath, type FileHandle } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isWithin } from "../protection/guarded.js";
import { absolutePath, checkRealPath, namesBelow, type Boundary, type Use } from "./boundary.js";
import { openFolder, refuseNewRepository, type Folder } from "./folder.js";
import { isOwnUnderOtherName } from "./own-files.js";
import {
  isFolder,
  isForbidden,
  leadsOut,
  notFound,
  shown,
  workspaceErrorFrom,
  WorkspaceError,
} from "./workspace-error.js";
import { nullIfMissing } from "../base/system-error.js";

/** A name in a checked folder, and what lay there; null where there was nothing. */
export type HeldPath = { folder: Folder; name: string; stats: Stats | null; asked: string };

export type PathOptions = {
  /** Folders on the way that are missing are made. */
  create?: boolean;
  /** A path that ends in a link means the link itself. */
  keepLink?: boolean;
  /** What is to be done there; to change it, unless told. */
  use?: Use;
};

const mostLinks = 40;

/**
 * Holds what the path `asked` leads to, runs `act` on it and closes it. Links on the way and at the end are followed as
 * long as they stay inside. Whatever the system throws comes out as a WorkspaceError.
 */
export async function atPath<Result>(
  boundary: Boundary,
  asked: string,
  options: PathOptions,
  act: (held: HeldPath) => Promise<Result>,
): Promise<Result> {
  let folder: Folder | undefined;
  try {
    const held = await locate(boundary, asked, options);
    folder = held.folder;
    return await act(held);
  } catch (error) {
    throw workspaceErrorFrom(error, asked);
  } finally {
    await folder?.close();
  }
}

async function locate(
  boundary: Boundary,
  asked: string,
  { create, keepLink, use = "change" }: PathOptions,
): Promise<HeldPath> {
  if (asked === "") throw new WorkspaceError("bad-name", "The path is empty. Name a file.");
  let absolute = absolutePath(boundary, asked);
  // Before folders on the way are made.
  checkRealPath(boundary, absolute, asked, use);
  for (let links = 0; links <= mostLinks; links += 1) {
    const names = namesBelow(boundary, absolute);
    const name = names.pop();
    if (name === undefined) throw isFolder(asked);
    const folder = await openFolder(boundary, names, asked, { create, use });
    let target: string;
    try {
      checkRealPath(boundary, join(folder.real, name), asked, use);
      const stats = await statsOf(folder, name);
      if (create && stats === null && use !== "restore") await refuseNewRepository(folder, name, asked);
      if (!stats?.isSymbolicLink() || keepLink) return { folder, name, stats, asked };
      target = resolve(folder.real, await readlink(folder.at(name)));
    } catch (error) {
      await folder.close();
      throw error;
    }
    await folder.close();
    absolute = await insideTarget(boundary, target, asked);
  }
  throw new WorkspaceError("leads-out", `The path ${shown(asked)} is a link that leads in a circle. Use another path.`);
}

const statsOf = (folder: Folder, name: string): Promise<Stats | null> => lstat(folder.at(name)).catch(nullIfMissing);

/** A link may name a place inside by a way that only looks as if it were outside, such as /tmp for /private/tmp. */
async function insideTarget(boundary: Boundary, target: string, asked: string): Promise<string> {
  if (isWithin(boundary.root, target)) return target;
  const parent = await realpath(dirname(target)).catch(() => null);
  if (parent === null || !isWithin(boundary.root, parent)) throw leadsOut(asked, boundary.root);
  return join(parent, basename(target));
}

/**
 * Opens the file at a held path, with `flags` of node:fs; a name that has become a link in between is refused, and so is
 * all that is no regular file (a pipe or device is not even opened).
 */
export async function openRegular(boundary: Boundary, held: HeldPath, flags: number): Promise<FileHandle> {
  const { folder, name, stats, asked } = held;
  if (stats === null) throw notFound(asked);
  checkRegular(stats, asked);
  // These flags do not exist on Windows.
  const careful = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(folder.at(name), flags | careful);
  try {
    await folder.recheck();
    const opened = await handle.stat();
    checkRegular(opened, asked);
    if (opened.nlink > 1 && (await isOwnUnderOtherName(boundary, opened)))
      throw isForbidden(asked, "it is another name of a file that is out of reach");
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function checkRegular(stats: Stats, asked: string): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw isFolder(asked);
  throw new WorkspaceError(
    "not-a-file",
    `${shown(asked)} is ${kindOf(stats)}, not a regular file. Name a regular file.`,
  );
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return "a named pipe";
  if (stats.isSocket()) return "a socket";
  return stats.isSymbolicLink() ? "a link" : "a device";
}
