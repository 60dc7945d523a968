import { DamagedLineError } from "../../storage/json-lines.js";
import { withLock } from "../../storage/lock.js";
import { lockPath, ReplacedError } from "./files.js";
import { mendRecords } from "./mend.js";
import { emptyContents, readContents, type CheckedLines, type Contents } from "./contents.js";

/** The files of one memory, which several processes may use at once. Within a process one call follows the other. */
export interface RecordFile {
  /** Runs `work` on what is there now, and again where another process replaces the files meanwhile. */
  read<Result>(work: (contents: Contents) => Promise<Result>): Promise<Result>;
  /** The same once every line has been looked at: for who reads all records outside of `work`. */
  readChecked<Result>(work: (contents: Contents) => Promise<Result>): Promise<Result>;
  /** Runs `work` on what is there now, while no other process writes. */
  write<Result>(work: (contents: Contents) => Promise<Result>): Promise<Result>;
}

const mostTries = 5;

/**
 * The record files of a folder, which need not exist; they are read at first use. Damaged files are mended, which
 * `warn` is told. The methods throw SettingsError for files of a later version.
 */
export function openRecordFile(folder: string, warn: (message: string) => void): RecordFile {
  let contents = emptyContents(folder);
  /** Where something was damaged, what is kept of the lines may be as well. */
  let checked: CheckedLines = "new-lines";
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work, work);
    last = done;
    return done;
  };
  const locked = <Result>(work: () => Promise<Result>): Promise<Result> => withLock(lockPath(folder), work);
  const mend = (): Promise<void> => mendRecords(folder, warn);

  const tried = async <Result>(
    work: (contents: Contents) => Promise<Result>,
    mendNow: typeof mend,
  ): Promise<Result> => {
    for (let tries = 1; ; tries += 1) {
      try {
        contents = await readContents(contents, checked);
        checked = "new-lines";
        return await work(contents);
      } catch (error) {
        const isDamaged = error instanceof DamagedLineError;
        if (tries === mostTries || !(isDamaged || error instanceof ReplacedError)) throw error;
        contents = emptyContents(folder);
        if (!isDamaged) continue;
        checked = "all-lines";
        await mendNow();
      }
    }
  };

  return {
    read: (work) => inTurn(() => tried(work, () => locked(mend))),
    readChecked: (work) =>
      inTurn(() => {
        [contents, checked] = [emptyContents(folder), "all-lines"];
        return tried(work, () => locked(mend));
      }),
    write: (work) => inTurn(() => locked(() => tried(work, mend))),
  };
}
