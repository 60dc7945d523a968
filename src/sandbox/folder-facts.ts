import { createHash, randomUUID } from "node:crypto";
import { factsOf } from "../base/folders/facts-of.js";
import { walkFolder } from "../base/folders/walk-folder.js";

/**
 * How many bytes a folder takes on disk, and in how many files and folders; `closed`: folders that could not be looked into;
 * `complete` is false where there were too many entries, or what lies deep was moved meanwhile. `print` is a hash of names, sizes and
 * times that tells whether something changed; no two are alike where that cannot be told.
 */
export type FolderFacts = { bytes: number; entries: number; closed: number; complete: boolean; print: string };

/** Beyond so many files a walk takes longer than anybody waits. */
const mostEntries = 2_000_000;

/** Walks a folder (its real path) without following links, however deep it is. */
export async function folderFacts(root: string, most = mostEntries): Promise<FolderFacts> {
  const hash = createHash("sha1");
  let bytes = 0;
  let entries = 0;
  const { complete, closed } = await walkFolder(root, async (folder) => {
    entries += folder.entries.length;
    if (entries > most) return "stop";
    hash.update(`${folder.path}\0`);
    const names = folder.entries.map(({ name }) => name);
    for (const [index, one] of (await factsOf(folder.at, names)).entries()) {
      if (one === null) continue;
      bytes += (one.blocks ?? Math.ceil(one.size / 512)) * 512;
      const own = one.isDirectory() ? "" : `${one.size}\0${one.mtimeMs}`;
      hash.update(`${names[index]}\0${own}\0${one.mode & 0o170000}\0`);
    }
    return undefined;
  });
  if (!complete) hash.update(randomUUID());
  return { bytes, entries, closed, complete, print: hash.digest("hex") };
}
