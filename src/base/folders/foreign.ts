import { readFileSync, statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gitFolderOf } from "./repository.js";

/** Why a folder may hold what others have written, as half a sentence; null where nothing tells so. */
export function whyForeign(folder: string): string | null {
  if (isOfAnother(folder)) return "belongs to another user";
  return wasCloned(folder) ? "was cloned from elsewhere" : null;
}

/**
 * The same of something in a folder, which may be a link, and of the repository that the folder lies in; `root` is the root of
 * that, or the folder itself outside of one.
 */
export async function whyForeignIn(path: string, root: string): Promise<string | null> {
  const real = await realpath(path).catch(() => path);
  if (isOfAnother(path) || isOfAnother(real)) return "belongs to another user";
  return wasCloned(root) ? "came with a repository that was cloned from elsewhere" : null;
}

function isOfAnother(path: string): boolean {
  const owner = statSync(path).uid;
  return process.getuid !== undefined && owner !== process.getuid();
}

/** Git notes how a repository came about; of a work tree, where the rest of it lies. */
function wasCloned(root: string): boolean {
  const own = gitFolderOf(root);
  const common = textOf(join(own, "commondir")).trim();
  const log = textOf(join(common === "" ? own : resolve(own, common), "logs", "HEAD"));
  return /^[^\n]*\tclone: from /.test(log);
}

/** What a file says; "" where it cannot be read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
