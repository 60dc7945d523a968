import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { absolutePath, isOwn, namesBelow, type Boundary } from "./boundary.js";
import { openFolder } from "./folder.js";
import { statEntry } from "./read-file.js";
import { isTemporaryName } from "./temporary-file.js";
import { workspaceErrorFrom } from "./workspace-error.js";
import type { FileList } from "./workspace.js";

/** Where the search for further files ends, so that no tree, however large, takes all memory. */
const mostFiles = 200_000;

type Found = { folders: string[][]; files: string[] };

/** See Workspace.list. A folder that links lead to is listed where it lies, so nothing is listed twice. */
export async function listFiles(boundary: Boundary, directory: string, atMost: number): Promise<FileList> {
  const asked = directory === "" ? "." : directory;
  const top = namesBelow(boundary, absolutePath(boundary, asked));
  const first = await contents(boundary, top, asked);
  const files = first.files;
  const waiting = first.folders;
  for (let names = waiting.pop(); names !== undefined && files.length < mostFiles; names = waiting.pop()) {
    // A folder that vanished, is closed to us or was replaced by a link meanwhile has nothing to show.
    const found = await contents(boundary, names, names.join("/")).catch(() => null);
    for (const file of found?.files ?? []) files.push(file);
    for (const folder of found?.folders ?? []) waiting.push(folder);
  }
  files.sort();
  return { files: files.slice(0, atMost), more: Math.max(0, files.length - atMost) };
}

async function contents(boundary: Boundary, names: readonly string[], asked: string): Promise<Found> {
  const folder = await openFolder(boundary, names, asked);
  const found: Found = { folders: [], files: [] };
  try {
    for (const entry of await readdir(folder.at("."), { withFileTypes: true })) {
      if (isTemporaryName(entry.name) || isOwn(boundary, join(folder.real, entry.name))) continue;
      const path = [...names, entry.name];
      if (entry.isDirectory()) found.folders.push(path);
      else if (await isListed(boundary, entry, path)) found.files.push(path.join("/"));
    }
    return found;
  } catch (error) {
    throw workspaceErrorFrom(error, asked);
  } finally {
    await folder.close();
  }
}

async function isListed(boundary: Boundary, entry: Dirent, path: readonly string[]): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  const target = await statEntry(boundary, path.join("/")).catch(() => null);
  return target?.kind === "file";
}
