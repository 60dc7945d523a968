import { constants } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join, sep } from "node:path";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const ownerMarks = 0o6000;

/**
 * Takes from every program below a folder (its real path) the mark that would let it run as its owner. Other code may
 * put links where folders and files were meanwhile: only what is open, and known to lie inside, is changed. Linux only.
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
  // A pipe that took the file's place must not keep us waiting.
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null);
  try {
    const facts = await file?.stat();
    if (facts?.isFile()) await file?.chmod(facts.mode & 0o1777);
  } finally {
    await file?.close();
  }
}
