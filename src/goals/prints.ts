import { createHash, type Hash } from "node:crypto";
import type { Workspace } from "../workspace/workspace.js";

const chunkBytes = 1024 * 1024;
/** What is looked at of one name at most, so that a start never waits for it: bytes of a file, files of a folder. */
const mostBytes = 32 * chunkBytes;
const mostFiles = 500;

/**
 * A hash of what a file or a folder of the workspace holds, so that a later one tells whether it is still the same; null
 * where there is none of this name, or it cannot be read. Of what is very large, sizes take the place of bytes.
 */
export async function printOf(workspace: Workspace, name: string): Promise<string | null> {
  try {
    const entry = await workspace.stat(name);
    if (entry === null || entry.kind === "other") return null;
    const hash = createHash("sha256");
    const left = { bytes: mostBytes };
    if (entry.kind === "file") await addFile(workspace, name, hash, left);
    else {
      const { files, more } = await workspace.list(name, mostFiles);
      hash.update(`${more} more\0`);
      for (const file of files) await addFile(workspace, file, hash, left);
    }
    return hash.digest("hex");
  } catch {
    return null;
  }
}

async function addFile(workspace: Workspace, path: string, hash: Hash, left: { bytes: number }): Promise<void> {
  const file = await workspace.open(path);
  try {
    hash.update(`${path}\0${file.size}\0`);
    for (let position = 0; position < file.size && left.bytes > 0; position += chunkBytes) {
      const bytes = await file.read(position, Math.min(chunkBytes, left.bytes));
      left.bytes -= bytes.length;
      hash.update(bytes);
    }
  } finally {
    await file.close();
  }
}
