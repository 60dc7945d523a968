import { createHash } from "node:crypto";
import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

/** How many bytes a folder takes on disk, and a hash of its names, sizes and times that tells whether it changed. */
export type FolderFacts = { bytes: number; print: string };

const mostEntries = 200_000;

/** Walks a folder without following links. */
export async function folderFacts(root: string): Promise<FolderFacts> {
  const hash = createHash("sha1");
  let bytes = 0;
  let entries = 0;
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names = await namesIn(folder);
    for (const name of names) {
      if (++entries > mostEntries) return { bytes, print: hash.digest("hex") };
      const path = join(folder, name);
      const facts = await lstat(path).catch(() => null);
      if (facts === null) continue;
      if (facts.isDirectory()) folders.push(path);
      else bytes += (facts.blocks ?? Math.ceil(facts.size / 512)) * 512;
      const time = facts.isDirectory() ? "" : facts.mtimeMs;
      hash.update(`${path}\0${facts.isDirectory() ? "" : facts.size}\0${time}\0${facts.mode & 0o170000}\0`);
    }
  }
  return { bytes, print: hash.digest("hex") };
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) names.push(name);
  } catch {
    // The folder is gone or may not be read: nothing of it is counted.
  }
  return names.sort();
}
