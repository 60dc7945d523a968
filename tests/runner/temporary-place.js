import { accessSync, constants, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/** A file system in memory, on Linux. */
const inMemory = "/dev/shm";

/** More than the tests have there at once, in bytes. */
const enough = 2 * 2 ** 30;

/**
 * Where a run of the tests puts its temporary files: into memory where there is room, since the program waits for the disk
 * after every event of a journal.
 */
export function temporaryPlace() {
  try {
    accessSync(inMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize >= enough ? inMemory : tmpdir();
  } catch {
    return tmpdir();
  }
}
