import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { open, readlink } from "node:fs/promises";
import { walkFolder } from "../base/folders/walk-folder.js";

/** Beyond so much a digest takes longer than what it is for is worth. */
const mostEntries = 20_000;
const mostBytes = 256 * 1024 * 1024;

/** What tools write for themselves, and what says nothing of the work. */
const caches = new Set(["__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"]);

/**
 * A hash of what is in a folder (its real path): names, kinds and bytes, without times. Two are the same where both folders
 * hold the same; none is like any other where there is too much to read, or where the folder was changed meanwhile.
 */
export async function folderDigest(root: string): Promise<string> {
  const hash = createHash("sha1");
  let entries = 0;
  let bytes = 0;
  const { complete, closed } = await walkFolder(root, async (folder) => {
    if (folder.path.split("/").some((name) => caches.has(name))) return undefined;
    entries += folder.entries.length;
    if (entries > mostEntries) return "stop";
    for (const entry of folder.entries) {
      if (caches.has(entry.name)) continue;
      const at = `${folder.at}/${entry.name}`;
      hash.update(`${folder.path}/${entry.name}\0`);
      if (entry.isSymbolicLink()) hash.update(`link ${await readlink(at).catch(() => "")}\0`);
      if (!entry.isFile()) continue;
      const content = await contentOf(at, mostBytes - bytes);
      if (content === null) return "stop";
      bytes += content.length;
      hash.update(`${content.length}\0`).update(content);
    }
    return undefined;
  });
  if (!complete || closed > 0) hash.update(randomUUID());
  return hash.digest("base64");
}

/** The bytes of a regular file; empty where it is gone or cannot be read; null where they are more than `most`. */
async function contentOf(file: string, most: number): Promise<Buffer | null> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (handle === null) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    return size > most ? null : await handle.readFile();
  } finally {
    await handle.close();
  }
}
