import { existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { homeFolder } from "../../base/folders/user-folder.js";

/**
 * The folders in which a project's files are looked for, the nearest first: `folder`, and those above it up to the root of
 * its Git repository; outside of one, those below the user's home. What lies elsewhere has no folders above it.
 */
export function foldersAbove(folder: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  const home = realFolder(homeFolder(environment));
  const found = [folder];
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) found.push(at);
    if (existsSync(join(at, ".git"))) return found;
    const above = dirname(at);
    if (at === home || above === at) return [folder];
    if (above === home) return realFolder(folder).startsWith(`${home}${sep}`) ? found : [folder];
  }
}

/** A file or folder that was found; `refused`: those that were passed over, since they belong to somebody else. */
export type FoundAbove = { path: string | null; refused: string[] };

/**
 * The nearest of these folders' entries of one of these names, of which the first counts before the others. In a folder above the first one, what belongs to another user is
 * passed over: whoever may write there could name a server for this user's key.
 */
export function findAbove(names: readonly string[], folders: readonly string[]): FoundAbove {
  const refused: string[] = [];
  for (const [index, folder] of folders.entries()) {
    for (const path of names.map((name) => join(folder, name)).filter((one) => existsSync(one))) {
      if (index === 0 || isOwn(path)) return { path, refused };
      refused.push(path);
    }
  }
  return { path: null, refused };
}

function isOwn(path: string): boolean {
  const own = process.getuid?.();
  return own === undefined || (lstatSync(path).uid === own && statSync(path).uid === own);
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}
