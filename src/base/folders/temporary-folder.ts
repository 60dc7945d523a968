import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "../process/is-running.js";

/**
 * Makes an empty folder of this process that only the user can read, and returns its real path. What processes left that were killed while
 * they had one for the same `purpose`, a word, is removed. Throws the system's error where none can be made.
 */
export async function makeTemporaryFolder(purpose: string): Promise<string> {
  const start = `autogpt-${purpose}-`;
  await removeAbandoned(tmpdir(), start).catch(() => undefined);
  return realpath(await mkdtemp(join(tmpdir(), `${start}${process.pid}-`)));
}

/** Behind the start of a name: the process whose folder it is, and what makes it one of its own. */
const ownEnd = /^(\d+)-[A-Za-z0-9]{6}$/;

async function removeAbandoned(place: string, start: string): Promise<void> {
  for (const name of await readdir(place)) {
    const [, pid] = name.startsWith(start) ? (ownEnd.exec(name.slice(start.length)) ?? []) : [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    // Somebody else's may not be removed; it only takes up room.
    await rm(join(place, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
