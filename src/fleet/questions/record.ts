import { mkdir, rm, writeFile } from "node:fs/promises";
import { makeTemporaryFolder } from "../../base/folders/temporary-folder.js";
import { serverAnswersFile } from "../../history/questions/server-answers.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import { layOut } from "../folder/lay-out.js";
import type { RunStore, StoredRun } from "../store/run-store.js";
import { runFolderAt, storedNames } from "../worker/run-folder.js";

/** Where the answers to servers that a run waits for lie, as the store names files. */
export const answersPath = (run: string): string =>
  serverAnswersFile(runDirectory(storedNames.home, run)).replaceAll("\\", "/");

/**
 * Makes a folder of this process's own with the records of runs, as in a home of the program: their journals, and what was answered to
 * servers. It is gone when `work` has ended.
 */
export async function withRecords<Result>(
  runs: ReadonlyMap<string, StoredRun>,
  store: Pick<RunStore, "contents">,
  work: (home: string) => Promise<Result>,
): Promise<Result> {
  const root = await makeTemporaryFolder("questions");
  try {
    const { home } = runFolderAt(root);
    await mkdir(home, { recursive: true, mode: 0o700 });
    for (const [run, { lines, files }] of runs) {
      const path = answersPath(run);
      const entry = files.get(path);
      const directory = runDirectory(home, run);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      if (entry !== undefined) await layOut(root, new Map([[path, entry]]), (hashes) => store.contents(run, hashes));
      await writeFile(journalFile(directory), lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    }
    return await work(home);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
