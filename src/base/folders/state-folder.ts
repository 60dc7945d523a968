import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { gitFolderOf } from "./repository.js";

/**
 * Makes the folder of the program's own state where it is missing. Git takes nothing of it: it has a `.gitignore` with `*`.
 * A folder of another name that is there already gets none, as it may hold other things. Throws the system's error.
 */
export function makeStateFolder(home: string): void {
  const made = mkdirSync(home, { recursive: true, mode: 0o700 }) !== undefined;
  if (!made && basename(home) !== ".autogpt") return;
  try {
    writeFileSync(join(home, ".gitignore"), "*\n", { flag: "wx" });
  } catch {
    // It is there already, or the folder cannot be written, which whoever needs it says.
  }
}

/**
 * Whether a folder of state is part of the Git repository that it lies in, itself or as a link: then its runs, memories and copies of
 * files came with that repository, from whoever wrote it. Our own is never added, since git takes nothing of it.
 */
export function isInRepository(home: string): boolean {
  for (let folder = dirname(home); ; folder = dirname(folder)) {
    const index = indexOf(folder);
    if (index !== null) return lists(index, relative(folder, home).split(sep).join("/"));
    if (dirname(folder) === folder) return false;
  }
}

/** The list of all that a repository has, as git keeps it; null where the folder is none. */
function indexOf(folder: string): Buffer | null {
  try {
    return readFileSync(join(gitFolderOf(folder), "index"));
  } catch {
    return null;
  }
}

/** Paths stand in it one after the other; from version 4 on, without what a path has in common with the one before. */
function lists(index: Buffer, path: string): boolean {
  if (index.subarray(0, 4).toString("latin1") !== "DIRC" || index.length < 8) return false;
  if (index.readUInt32BE(4) >= 4) return index.includes(basename(path));
  return index.includes(`${path}/`) || index.includes(`${path}\0`);
}
