import { constants } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { checkRealPath, type Boundary } from "../boundary.js";
import { openFolder, type Folder } from "../folder.js";
import { openRegular } from "../held-path.js";
import { readRange } from "../../base/files.js";
import { readFile } from "../read-file.js";
import { filesHolding, type Holding } from "./ripgrep.js";

/** So many files are read at the same time. */
const atOnce = 24;

export type ReadFile = { path: string; bytes: Buffer | null };

export type ReadEachOptions = {
  /** The most bytes of one file. */
  atMost: number;
  signal?: AbortSignal;
  /** A text that is looked for. */
  holding?: Holding | null;
};

/** See Workspace.readEach. Each folder is gone down to once for all of its files that stand together. */
export async function* readEach(
  boundary: Boundary,
  paths: readonly string[],
  { atMost, signal, holding = null, ripgrep }: ReadEachOptions & { ripgrep(): Promise<string | null> },
): AsyncGenerator<ReadFile> {
  const wanted = holding && (await filesHolding(ripgrep, boundary.root, paths, holding, signal));
  const isWanted = (path: string): boolean => !wanted || wanted.has(path);
  for (let first = 0, end = 0; first < paths.length; first = end) {
    signal?.throwIfAborted();
    for (let count = 0; end < paths.length && count < atOnce; end += 1) if (isWanted(paths[end] ?? "")) count += 1;
    const some = paths.slice(first, end);
    const read = await readSome(boundary, some.filter(isWanted), atMost);
    for (const path of some) yield { path, bytes: read.get(path) ?? null };
  }
}

async function readSome(
  boundary: Boundary,
  paths: readonly string[],
  atMost: number,
): Promise<ReadonlyMap<string, Buffer | null>> {
  const folders = new Map<string, Promise<Folder | null>>();
  const folderOf = (names: readonly string[], path: string): Promise<Folder | null> => {
    const key = names.join("/");
    const folder = folders.get(key) ?? openFolder(boundary, names, path).catch(() => null);
    folders.set(key, folder);
    return folder;
  };
  try {
    const read = await Promise.all(
      paths.map(async (path) => {
        const names = path.split("/");
        const name = names.pop() ?? "";
        const folder = await folderOf(names, path);
        const bytes = folder && (await readIn(boundary, folder, name, path, atMost).catch(() => null));
        return [path, bytes] as const;
      }),
    );
    return new Map(read);
  } finally {
    for (const folder of folders.values()) await (await folder)?.close();
  }
}

/** The bytes of a file in a folder that is held; null where they are too many. Throws where it cannot be read. */
async function readIn(
  boundary: Boundary,
  folder: Folder,
  name: string,
  asked: string,
  atMost: number,
): Promise<Buffer | null> {
  checkRealPath(boundary, join(folder.real, name), asked, "read");
  const stats = await lstat(folder.at(name));
  // Where a link leads is looked at from the top.
  if (stats.isSymbolicLink()) return readFile(boundary, asked, atMost);
  if (stats.size > atMost) return null;
  const handle = await openRegular(boundary, { folder, name, stats, asked }, constants.O_RDONLY);
  try {
    return await readRange(handle, 0, stats.size);
  } finally {
    await handle.close();
  }
}
