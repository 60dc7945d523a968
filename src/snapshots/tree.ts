import { constants, type Stats } from "node:fs";
import { open, readlink } from "node:fs/promises";
import { factsOf } from "../base/folders/facts-of.js";
import { fileFacts, isUntouched, type FileFacts } from "../base/folders/file-facts.js";
import { walkFolder } from "../base/folders/walk-folder.js";
import { codeOf, isMissing } from "../base/system-error.js";
import type { Entry } from "./entry.js";
import type { Objects } from "./objects.js";

/** Larger files are named, not kept. */
export const mostFileBytes = 64 * 1024 * 1024;
/** A workspace with more files and folders takes too long to look through before each program. */
export const mostEntries = 100_000;

/** Everything in a workspace, by path, with what tells whether a file is still the same. */
export type Tree = Map<string, Known>;
type Known = { entry: Entry; facts: FileFacts | null };

export type TreeOptions = {
  /** The workspace's real path. */
  root: string;
  objects: Objects;
  /** Whether what lies at this path below the workspace is out of the commands' reach, and none of our business. */
  isLeftOut(path: string): boolean;
};

/**
 * Looks through the workspace, without following links, and keeps the content of each file that is not in `before` as it is
 * now. Throws above mostEntries.
 */
export async function readTree({ root, objects, isLeftOut }: TreeOptions, before: Tree): Promise<Tree> {
  const tree: Tree = new Map();
  await walkFolder(root, async (folder) => {
    if (folder.path !== "" && isWithinLeftOut(folder.path, isLeftOut)) return undefined;
    const names = folder.entries.map(({ name }) => name);
    for (const [index, stats] of (await factsOf(folder.at, names)).entries()) {
      const name = names[index] as string;
      const path = folder.path === "" ? name : `${folder.path}/${name}`;
      const old = before.get(path);
      // What was kept before is not left out.
      if (old === undefined && isLeftOut(path)) continue;
      const known =
        stats === null
          ? misread(name)
          : (unchanged(stats, old) ?? (await entryOf(`${folder.at}/${name}`, stats, objects)));
      if (known !== null) tree.set(path, known);
      if (tree.size > mostEntries) throw new Error(`more than ${mostEntries} files and folders`);
    }
    return undefined;
  });
  return tree;
}

/** A name that is not UTF-8 is given to us with marks in it, and by these it is not found. */
export const isMisread = (path: string): boolean => path.includes("\ufffd");
const misread = (name: string): Known | null => (isMisread(name) ? { entry: { kind: "special" }, facts: null } : null);

/** A folder that is left out is walked all the same, so its own parents are asked about, too. */
function isWithinLeftOut(path: string, isLeftOut: TreeOptions["isLeftOut"]): boolean {
  const names = path.split("/");
  return names.some((_name, index) => isLeftOut(names.slice(0, index + 1).join("/")));
}

/** What is known of a folder or file that is as it was, the very same object; null where it may not be. */
function unchanged(stats: Stats, before: Known | undefined): Known | null {
  const old = before?.entry;
  const mode = stats.mode & 0o7777;
  if (before === undefined || old === undefined || old.kind === "link" || old.kind === "special") return null;
  if (old.kind === "folder") return stats.isDirectory() && old.mode === mode ? before : null;
  const isSame = stats.isFile() && before.facts !== null && isUntouched(before.facts, fileFacts(stats));
  if (!isSame) return null;
  return old.mode === mode ? before : { entry: { ...old, mode }, facts: before.facts };
}

async function entryOf(at: string, stats: Stats, objects: Objects): Promise<Known | null> {
  const mode = stats.mode & 0o7777;
  if (stats.isDirectory()) return { entry: { kind: "folder", mode }, facts: null };
  if (stats.isSymbolicLink()) {
    const target = await readlink(at).catch(() => null);
    return target === null ? null : { entry: { kind: "link", target }, facts: null };
  }
  if (!stats.isFile()) return { entry: { kind: "special" }, facts: null };
  const { size } = stats;
  const facts = fileFacts(stats);
  if (size > mostFileBytes) return { entry: { kind: "file", mode, size, hash: null }, facts };
  const bytes = await contentOf(at);
  if (bytes === "gone") return null;
  if (bytes === "unreadable") return { entry: { kind: "file", mode, size, hash: null }, facts };
  return { entry: { kind: "file", mode, size: bytes.length, hash: objects.put(bytes) }, facts };
}

/** A file that is there and cannot be read is not kept, and must not be taken for one that is made later. */
async function contentOf(at: string): Promise<Buffer | "gone" | "unreadable"> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    const handle = await open(at, flags);
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    return isMissing(thrown) || codeOf(thrown) === "ELOOP" ? "gone" : "unreadable";
  }
}
