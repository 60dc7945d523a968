import { readFile, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { gitFolderOf } from "./repository.js";

/** Why a folder may hold what others have written, as half a sentence; null where nothing tells so. */
export async function whyForeign(folder: string): Promise<string | null> {
  if (await isOfAnother(folder)) return "belongs to another user";
  return (await wasCloned(folder)) ? "was cloned from elsewhere" : null;
}

/**
 * The same of something in a folder, which may be a link, and of the repository that the folder lies in; `root` is the root of
 * that, or the folder itself outside of one.
 */
export async function whyForeignIn(path: string, root: string): Promise<string | null> {
  const real = await realpath(path).catch(() => path);
  if ((await isOfAnother(path)) || (await isOfAnother(real))) return "belongs to another user";
  return (await wasCloned(root)) ? "came with a repository that was cloned from elsewhere" : null;
}

async function isOfAnother(path: string): Promise<boolean> {
  const owner = (await stat(path)).uid;
  return process.getuid !== undefined && owner !== process.getuid();
}

/** Git notes how a repository came about; of a work tree, where the rest of it lies. */
async function wasCloned(root: string): Promise<boolean> {
  const own = gitFolderOf(root);
  const common = (await readFile(join(own, "commondir"), "utf8").catch(() => "")).trim();
  const log = await readFile(join(common === "" ? own : resolve(own, common), "logs", "HEAD"), "utf8").catch(() => "");
  return /^[^\n]*\tclone: from /.test(log);
}
