import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The folder with those above it up to the root of its Git repository, the nearest first; null outside of one. */
export function foldersInRepository(folder: string): string[] | null {
  const found: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    found.push(at);
    if (existsSync(join(at, ".git"))) return found;
    if (dirname(at) === at) return null;
  }
}

/** The same; outside of a repository, the folder alone. */
export const foldersToRoot = (folder: string): string[] => foldersInRepository(folder) ?? [folder];

/** Where Git keeps what belongs to a root: of a work tree or a submodule, where its `.git` says that it lies. */
export function gitFolderOf(root: string): string {
  const git = join(root, ".git");
  const elsewhere = /^gitdir: (.+)/.exec(textOf(git))?.[1]?.trim();
  return elsewhere === undefined ? git : resolve(root, elsewhere);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
