import { constants, type Dirent, type Stats } from "node:fs";
import { open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../system-error.js";

/** One folder of a walk: `path` is below the root ("" for itself), `at` leads the system there while it is visited. */
export type Visited = { path: string; at: string; entries: readonly Dirent[] };

/** How a walk ended. `complete`: nothing was left out. `closed`: how many folders could not be looked into. */
export type WalkEnd = { complete: boolean; closed: number };

/** How many folders on the way down are held open; what lies deeper is left by its "..", which is compared. */
const mostHeld = 64;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
const byDescriptor = process.platform === "linux";

/** A folder on the way: `handle` is null while it is not held. */
type Level = { handle: FileHandle | null; at: string; path: string; facts: Stats | null; left: string[] };

/**
 * Visits a folder (its real path) and all below it, entries by name, without following links; `visit` ends the walk by
 * "stop", and leaves folders out by their names. On Linux each folder is entered from the one that holds it, as it was opened: however deep they lie, and
 * whatever is renamed or linked meanwhile, nothing outside is visited.
 */
export async function walkFolder(
  root: string,
  visit: (visited: Visited) => Promise<"stop" | ReadonlySet<string> | undefined>,
): Promise<WalkEnd> {
  const end: WalkEnd = { complete: true, closed: 0 };
  const levels: Level[] = [];
  const enter = async (at: string, path: string): Promise<boolean> => {
    const level = await openLevel(at, path, end);
    if (level === null) return true;
    levels.push(level);
    await release(levels[levels.length - 1 - mostHeld]);
    const entries = await entriesOf(level, end);
    const answer = await visit({ path, at: level.at, entries });
    if (answer === "stop") return false;
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    level.left = folders.filter((name) => !answer?.has(name)).reverse();
    return true;
  };
  try {
    if (!(await enter(root, ""))) return { ...end, complete: false };
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const name = level.left.pop();
      if (name === undefined) {
        if (!(await leave(levels))) return { ...end, complete: false };
      } else if (!(await enter(join(level.at, name), level.path === "" ? name : `${level.path}/${name}`)))
        return { ...end, complete: false };
    }
    return end;
  } finally {
    for (const level of levels) await release(level);
  }
}

/** Null where the folder is gone, has been replaced, or is closed to us, which is counted. */
async function openLevel(at: string, path: string, end: WalkEnd): Promise<Level | null> {
  if (!byDescriptor) return { handle: null, at, path, facts: null, left: [] };
  try {
    const handle = await open(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return { handle, at: through(handle), path, facts: await handle.stat(), left: [] };
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error) ?? "")) end.closed += 1;
    return null;
  }
}

async function entriesOf({ at }: Level, end: WalkEnd): Promise<Dirent[]> {
  try {
    const entries = await readdir(at, { withFileTypes: true });
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") end.closed += 1;
    return [];
  }
}

const through = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

async function release(level: Level | undefined): Promise<void> {
  const handle = level?.handle;
  if (!level || !handle) return;
  level.handle = null;
  await handle.close();
}

/** Goes up one level; false where the folder above is no longer the one that was left. */
async function leave(levels: Level[]): Promise<boolean> {
  const below = levels.pop();
  const above = levels.at(-1);
  try {
    if (!byDescriptor || !below || !above || above.handle !== null) return true;
    const handle = await open(`${below.at}/..`, O_RDONLY | O_DIRECTORY).catch(() => null);
    const facts = await handle?.stat();
    if (!handle || facts?.ino !== above.facts?.ino || facts?.dev !== above.facts?.dev) {
      await handle?.close();
      return false;
    }
    above.handle = handle;
    above.at = through(handle);
    return true;
  } finally {
    await release(below);
  }
}
