import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { findPlaces } from "../protection/places.js";
import type { Boundary } from "./boundary.js";

/** How many of our own files are compared; beyond that the answer is yes, as nobody can tell. */
const mostCompared = 100_000;

/** Whether an open file that has several names is one of our own files, or has a name in the workspace that is hidden. */
export async function isOwnUnderOtherName(boundary: Boundary, opened: Stats): Promise<boolean> {
  let compared = 0;
  for await (const stats of ownFiles(boundary)) {
    compared += 1;
    if (compared > mostCompared || (stats.dev === opened.dev && stats.ino === opened.ino)) return true;
  }
  return false;
}

async function* ownFiles(boundary: Boundary): AsyncGenerator<Stats> {
  for (const { path, access, kind } of (await findPlaces(boundary)) ?? []) {
    const stats =
      access === "hidden" && kind === "file" ? await lstat(join(boundary.root, path)).catch(() => null) : null;
    if (stats !== null) yield stats;
  }
  const waiting = [...boundary.forbidden];
  // A settings file itself may be a link; what lies in our folders is looked at as it is.
  for (const path of [...waiting]) {
    const stats = await stat(path).catch(() => null);
    if (stats?.isFile()) yield stats;
  }
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      const stats = entry.isFile() ? await lstat(path).catch(() => null) : null;
      if (stats !== null) yield stats;
    }
  }
}

/** What lies in a folder; nothing where it is a file or cannot be read. */
const entriesOf = (folder: string): Promise<Dirent[]> => readdir(folder, { withFileTypes: true }).catch(() => []);
