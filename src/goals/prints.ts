import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { open, readlink } from "node:fs/promises";
import { join } from "node:path";
import { walkFolder } from "../base/folders/walk-folder.js";
import { counted } from "../base/text.js";
import { fitting } from "../protection/protection.js";
import type { Workspace } from "../workspace/workspace.js";

const chunkBytes = 1024 * 1024;

/** How much is read for one print: bytes, and names in folders. */
export type PrintLimits = { bytes: number; entries: number };

/** So that a start never waits for what is merely named. */
const forRemarks: PrintLimits = { bytes: 32 * chunkBytes, entries: 500 };
/** What goals are judged by is read as a whole. */
const forFixed: PrintLimits = { bytes: 4096 * chunkBytes, entries: 1_000_000 };

/**
 * A hash of what a file or a folder of the workspace holds, so that a later one tells whether it is still the same; null
 * where there is none of this name, or it cannot be read. Of what is very large, sizes take the place of bytes.
 */
export async function printOf(workspace: Workspace, name: string): Promise<string | null> {
  try {
    return await print(workspace, name, { ...forRemarks }, "sizes");
  } catch {
    return null;
  }
}

/**
 * The same of what goals are judged by: all of its bytes, and where a link leads that leads out. Throws where that is more
 * than can be read, or cannot be read at all.
 */
export async function wholePrintOf(workspace: Workspace, name: string): Promise<string | null> {
  const link = await workspace.keeper.look(name, 0);
  const entry = await workspace.stat(name).catch((thrown: unknown) => {
    if (link?.kind === "link") return null;
    throw thrown;
  });
  if (entry === null && link?.kind === "link") return createHash("sha256").update(`link ${link.target}`).digest("hex");
  return print(workspace, name, { ...forFixed }, "throws");
}

/** A hash of all files of the workspace that fit one of the patterns, with their names; null where there is none. */
export async function printOfPattern(workspace: Workspace, pattern: string): Promise<string | null> {
  const fits = fitting([pattern]);
  const hash = createHash("sha256");
  const found = await addFolder(
    hash,
    workspace.root,
    { ...forFixed },
    "throws",
    (path) => fits(path) && workspace.keeper.reaches(path),
  );
  return found === 0 ? null : hash.digest("hex");
}

type Beyond = "sizes" | "throws";

async function print(workspace: Workspace, name: string, left: PrintLimits, beyond: Beyond): Promise<string | null> {
  const entry = await workspace.stat(name);
  if (entry === null || entry.kind === "other") return null;
  const hash = createHash("sha256");
  if (entry.kind === "file") {
    const file = await workspace.open(name);
    try {
      hash.update(`${name}\0${file.size}\0`);
      await addBytes(hash, file.size, left, beyond, (position, length) => file.read(position, length));
    } finally {
      await file.close();
    }
  } else {
    const names = await workspace.namesOf(name);
    await addFolder(hash, join(workspace.root, names.at(-1) ?? name), left, beyond);
  }
  return hash.digest("hex");
}

/** Adds names, links, and what is in files; returns how many files and links there were. */
async function addFolder(
  hash: Hash,
  root: string,
  left: PrintLimits,
  beyond: Beyond,
  counts: (path: string) => boolean = () => true,
): Promise<number> {
  let found = 0;
  const { complete, closed } = await walkFolder(root, async (folder) => {
    for (const entry of folder.entries) {
      const path = folder.path === "" ? entry.name : `${folder.path}/${entry.name}`;
      if (--left.entries < 0) return "stop";
      if (!counts(path)) continue;
      hash.update(`${path}\0`);
      if (entry.isDirectory()) continue;
      found += 1;
      const at = `${folder.at}/${entry.name}`;
      if (entry.isSymbolicLink()) hash.update(`link ${await readlink(at)}\0`);
      else if (entry.isFile()) await addFileAt(hash, at, left, beyond);
    }
    return undefined;
  });
  if (beyond === "throws" && (!complete || closed > 0))
    throw new Error(
      closed > 0
        ? `${counted(closed, "folder")} in it cannot be looked into`
        : `it holds more than ${forFixed.entries} files, or was moved meanwhile`,
    );
  if (!complete) hash.update("more");
  return found;
}

async function addFileAt(hash: Hash, at: string, left: PrintLimits, beyond: Beyond): Promise<void> {
  const handle = await open(at, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const { size } = await handle.stat();
    hash.update(`${size}\0`);
    await addBytes(hash, size, left, beyond, async (position, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await handle.close();
  }
}

async function addBytes(
  hash: Hash,
  size: number,
  left: PrintLimits,
  beyond: Beyond,
  read: (position: number, length: number) => Promise<Buffer>,
): Promise<void> {
  if (beyond === "throws" && size > left.bytes)
    throw new Error(`it holds more than ${forFixed.bytes / chunkBytes} MB, which is too much to compare`);
  for (let position = 0; position < size && left.bytes > 0;) {
    const bytes = await read(position, Math.min(chunkBytes, left.bytes));
    if (bytes.length === 0) return;
    position += bytes.length;
    left.bytes -= bytes.length;
    hash.update(bytes);
  }
}
