import { constants } from "node:fs";
import { chmod, copyFile, lstat, mkdir, readdir, readlink, symlink, utimes } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { isWithin } from "../../protection/guarded.js";

/** So many files are copied at once. */
const atOnce = 16;

/**
 * Copies a folder (its real path) with modes and times; links stay links, and absolute ones that lead into the folder lead into the
 * copy. Resolves to the paths, with "/" between names, that could not be copied: pipes, sockets and devices, and what may not be read.
 */
export async function copyTree(from: string, to: string, leavesOut: (path: string) => boolean): Promise<string[]> {
  const missed: string[] = [];
  const miss = (path: string): void => void missed.push(relative(from, path).split(sep).join("/"));
  const link = async (path: string, copy: string): Promise<void> => {
    const target = await readlink(path);
    await symlink(isAbsolute(target) && isWithin(from, target) ? join(to, relative(from, target)) : target, copy);
  };
  const file = async (path: string, copy: string): Promise<void> => {
    const { mode, atime, mtime } = await lstat(path);
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    await chmod(copy, mode & 0o7777);
    await utimes(copy, atime, mtime);
  };
  const folder = async (path: string, copy: string): Promise<void> => {
    const { mode, atime, mtime } = await lstat(path);
    const entries = await readdir(path, { withFileTypes: true });
    await mkdir(copy, { recursive: true, mode: 0o700 });
    const wanted = entries.filter(({ name }) => !leavesOut(join(path, name)));
    for (const { name } of wanted.filter((entry) => entry.isDirectory()))
      await folder(join(path, name), join(copy, name)).catch(() => miss(join(path, name)));
    const others = wanted.filter((entry) => !entry.isDirectory());
    for (let first = 0; first < others.length; first += atOnce)
      await Promise.all(
        others.slice(first, first + atOnce).map(async (entry) => {
          const [at, put] = [join(path, entry.name), entry.isSymbolicLink() ? link : entry.isFile() ? file : null];
          if (put === null) miss(at);
          else await put(at, join(copy, entry.name)).catch(() => miss(at));
        }),
      );
    await chmod(copy, mode & 0o7777);
    await utimes(copy, atime, mtime);
  };
  await folder(from, to);
  return missed;
}
