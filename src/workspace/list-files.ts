import { readdirSync, type Dirent } from "node:fs";
import { setImmediate as others } from "node:timers/promises";
import { join } from "node:path";
import { accessOf } from "../protection/guarded.js";
import { absolutePath, namesBelow, type Boundary } from "./boundary.js";
import { mostLevels, openFolder, openFolderIn, type Folder } from "./folder.js";
import { statEntry } from "./read-file.js";
import { isTemporaryName } from "./temporary-file.js";
import { workspaceErrorFrom } from "./workspace-error.js";
import type { FileList } from "./entries.js";

/** Where the search for further files ends, so that no tree, however large, takes all memory or time. */
const most = { files: 200_000, folders: 10_000 };

/** Folders that version control keeps for itself: nobody looks for a file in them. They are listed when they are named. */
const versionControl: ReadonlySet<string> = new Set([".git", ".hg", ".svn", ".jj", ".bzr"]);

type Walk = {
  boundary: Boundary;
  signal: AbortSignal | undefined;
  without: ReadonlySet<string>;
  most: { readonly files: number; readonly folders: number };
  files: string[];
  visited: number;
  unseen: number;
};

/** After so many folders others have their turn. */
const foldersInTurn = 16;

/** A folder on the way, held open while what lies below it is listed. */
type Level = { folder: Folder; names: readonly string[]; level: number };

/**
 * See Workspace.list. A folder that links lead to is listed where it lies, so nothing is listed twice. `atMost` files are given
 * of those that are found in so many files and folders.
 */
export async function listFiles(
  boundary: Boundary,
  directory: string,
  atMost: number,
  signal?: AbortSignal,
  without: ReadonlySet<string> = new Set(),
  found: Walk["most"] = most,
): Promise<FileList> {
  signal?.throwIfAborted();
  const asked = directory === "" ? "." : directory;
  const names = namesBelow(boundary, absolutePath(boundary, asked));
  const walk: Walk = {
    boundary,
    signal,
    without,
    most: found,
    files: [],
    visited: 0,
    unseen: 0,
  };
  const folder = await openFolder(boundary, names, asked);
  try {
    await visit(walk, { folder, names, level: 0 });
  } catch (error) {
    signal?.throwIfAborted();
    throw workspaceErrorFrom(error, asked);
  } finally {
    await folder.close();
  }
  walk.files.sort();
  const { files, unseen } = walk;
  return { files: files.slice(0, atMost), more: Math.max(0, files.length - atMost), unseen };
}

/** Lists one folder, then those below it, each opened from the one that holds it. */
async function visit(walk: Walk, { folder, names, level }: Level): Promise<void> {
  walk.visited += 1;
  const folders: string[] = [];
  if (walk.visited % foldersInTurn === 0) await others();
  // At once: to hand each folder to another thread takes many times as long as to read it.
  for (const entry of readdirSync(folder.at("."), { withFileTypes: true })) {
    walk.signal?.throwIfAborted();
    if (isTemporaryName(entry.name) || accessOf(walk.boundary, join(folder.real, entry.name)) === "hidden") continue;
    if (versionControl.has(entry.name.toLowerCase())) continue;
    const path = [...names, entry.name].join("/");
    if (entry.isDirectory()) {
      if (!walk.without.has(entry.name)) folders.push(entry.name);
    } else if (await isListed(walk.boundary, entry, path)) walk.files.push(path);
  }
  for (const name of folders.sort()) {
    const isFull = walk.visited >= walk.most.folders || walk.files.length >= walk.most.files;
    if (isFull || level >= mostLevels) walk.unseen += 1;
    else await visitBelow(walk, { folder, names, level }, name);
  }
}

/** A folder that vanished, is closed to us or was replaced by a link meanwhile has nothing to show. */
async function visitBelow(walk: Walk, { folder, names, level }: Level, name: string): Promise<void> {
  walk.signal?.throwIfAborted();
  const path = [...names, name];
  const below = await openFolderIn(walk.boundary, folder, name, path.join("/")).catch(() => null);
  if (below === null) return;
  try {
    if (below.real === join(folder.real, name)) await visit(walk, { folder: below, names: path, level: level + 1 });
  } catch {
    walk.signal?.throwIfAborted();
  } finally {
    await below.close();
  }
}

async function isListed(boundary: Boundary, entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  const target = await statEntry(boundary, path).catch(() => null);
  return target?.kind === "file";
}
