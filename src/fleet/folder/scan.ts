import { SettingsError } from "../../errors.js";
import { constants, type Stats } from "node:fs";
import { open, readlink, type FileHandle } from "node:fs/promises";
import { factsOf } from "../../base/folders/facts-of.js";
import { fileFacts, isUntouched, type FileFacts } from "../../base/folders/file-facts.js";
import { walkFolder } from "../../base/folders/walk-folder.js";
import { isMissing, codeOf } from "../../base/system-error.js";
import { isDeepStrictEqual } from "node:util";
import type { FileChange } from "../store/run-store.js";
import type { FileEntry, Part } from "./entry.js";
import { partsOf } from "./parts.js";

/** What is known of a run's folder, by path below it, `/` between names. */
export type KnownFolder = Map<string, Known>;

export type ScanOptions = {
  /** The folder's real path. */
  root: string;
  /** Whether what lies at this path is no part of the run, with all below it. */
  isLeftOut(path: string): boolean;
  /** The epoch under which contents of large files are put where those lie; null where they have no place of their own. */
  artifacts: number | null;
  /** Is given the bytes of each part that is new. */
  add(part: Part, bytes: Buffer): Promise<void> | void;
};

/**
 * Looks through a run's folder, without following links, and returns what is different from what was known, which is brought up to date.
 * Pipes, sockets, devices and names that are not UTF-8 are no part of a run. Throws UnreadableError for a file or folder that may not be
 * read, and the system's other errors.
 */
export async function scanFolder(options: ScanOptions, known: KnownFolder): Promise<FileChange[]> {
  const { root, isLeftOut } = options;
  const changes: FileChange[] = [];
  const found = new Set<string>();
  const { complete, closed } = await walkFolder(root, async (folder) => {
    const names = folder.entries.map(({ name }) => name);
    const left = new Set<string>();
    for (const [index, stats] of (await factsOf(folder.at, names)).entries()) {
      const name = names[index] as string;
      const path = folder.path === "" ? name : `${folder.path}/${name}`;
      if (stats === null || name.includes("\ufffd") || isLeftOut(path)) {
        left.add(name);
        continue;
      }
      const before = known.get(path);
      const entry = await entryOf(`${folder.at}/${name}`, stats, before, options).catch(toldAs(path));
      if (entry === null) continue;
      found.add(path);
      known.set(path, entry);
      if (!isDeepStrictEqual(entry.entry, before?.entry)) changes.push([path, entry.entry]);
    }
    return left;
  });
  // What lies in there is not gone.
  if (closed > 0 || !complete) throw new UnreadableError("a folder");
  for (const path of known.keys()) {
    if (found.has(path)) continue;
    known.delete(path);
    changes.push([path, null]);
  }
  return changes;
}

/** Something of a run may not be read, so that it cannot be kept. */
export class UnreadableError extends SettingsError {
  constructor(what: string, options?: ErrorOptions) {
    super(`Not all of the run can be kept: ${what} in its folder may not be read.`, options);
  }
}

const isForbidden = (thrown: unknown): boolean => ["EACCES", "EPERM"].includes(codeOf(thrown) ?? "");

const toldAs =
  (path: string) =>
  (thrown: unknown): never => {
    if (isForbidden(thrown)) throw new UnreadableError(JSON.stringify(path), { cause: thrown });
    throw thrown;
  };

type Known = { entry: FileEntry; facts: FileFacts | null };

async function entryOf(
  at: string,
  stats: Stats,
  before: Known | undefined,
  { artifacts, add }: ScanOptions,
): Promise<Known | null> {
  const mode = stats.mode & 0o7777;
  if (stats.isDirectory()) return { entry: { kind: "folder", mode }, facts: null };
  if (stats.isSymbolicLink()) {
    const target = await readlink(at).catch(() => null);
    return target === null ? null : { entry: { kind: "link", target }, facts: null };
  }
  if (!stats.isFile()) return null;
  const old = before?.entry.kind === "file" ? before.entry : null;
  const facts = fileFacts(stats);
  if (old !== null && before?.facts && isUntouched(before.facts, facts)) return { entry: { ...old, mode }, facts };
  const handle = await openFile(at);
  if (handle === null) return null;
  try {
    return { entry: { kind: "file", mode, parts: await partsOf(handle, old?.parts ?? [], artifacts, add) }, facts };
  } finally {
    await handle.close();
  }
}

/** Null where it is gone, or is no file any more. */
async function openFile(at: string): Promise<FileHandle | null> {
  try {
    return await open(at, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    if (isMissing(thrown) || codeOf(thrown) === "ELOOP") return null;
    throw thrown;
  }
}
