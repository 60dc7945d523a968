import { constants } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join, sep } from "node:path";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const ownerMarks = 0o6000;

/**
 * Removes the setuid and setgid bits of every file below a folder (its real path). Other code may replace folders and
 * files by links meanwhile, so only what is held open, and known to lie inside, is changed. Linux only.
 */
export async function stripOwnerMarks(root: string): Promise<void> {
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const held = await open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(() => null);
    if (held === null) continue;
    try {
      const inside = `/proc/self/fd/${held.fd}`;
      if (!`${await readlink(inside)}${sep}`.startsWith(root + sep)) continue;
      for (const entry of await readdir(inside, { withFileTypes: true })) {
        if (entry.isDirectory()) folders.push(join(folder, entry.name));
        else if (entry.isFile()) await stripFile(`${inside}/${entry.name}`);
      }
    } finally {
      await held.close();
    }
  }
}

async function stripFile(path: string): Promise<void> {
  const seen = await lstat(path).catch(() => null);
  if (seen === null || (seen.mode & ownerMarks) === 0) return;
  // O_NONBLOCK: opening a pipe that has replaced the file must not wait.
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null);
  try {
    const facts = await file?.stat();
    if (facts?.isFile()) await file?.chmod(facts.mode & 0o1777);
  } finally {
    await file?.close();
  }
}
