import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messagesFile } from "../../history/questions/messages.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory, runLock } from "../../history/runs.js";
import { layOut } from "../folder/lay-out.js";
import type { RunStore, StoredRun } from "../store/run-store.js";

/** Where all of a run lies while a worker has it. */
export type RunFolder = {
  root: string;
  /** The program's own state, that of this run alone. */
  home: string;
  workspace: string;
  settings: string;
};

/** The names of these in the store. */
export const storedNames = { home: "home", workspace: "workspace", settings: "ai_settings.yaml" } as const;

export const runFolderAt = (root: string): RunFolder => ({
  root,
  home: join(root, storedNames.home),
  workspace: join(root, storedNames.workspace),
  settings: join(root, storedNames.settings),
});

/** Makes a run's folder from what the store has; what lay there before goes. Throws StoreDownError, and the system's errors. */
export async function makeRunFolder(
  root: string,
  run: string,
  { files, lines }: StoredRun,
  store: Pick<RunStore, "contents">,
): Promise<RunFolder> {
  await rm(root, { recursive: true, force: true });
  const folder = runFolderAt(root);
  await mkdir(folder.home, { recursive: true, mode: 0o700 });
  await mkdir(folder.workspace, { recursive: true, mode: 0o700 });
  // Before the rest, which may have links: it is not written through one.
  await writeJournal(folder.home, run, lines);
  await layOut(root, files, (hashes) => store.contents(run, hashes));
  return folder;
}

/** Writes the journal of a run that has begun; one without lines has none. Throws the system's errors. */
export async function writeJournal(home: string, run: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const directory = runDirectory(home, run);
  await mkdir(directory, { recursive: true });
  await writeFile(journalFile(directory), lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
}

/** Whether what lies at this path of a run's folder is not kept as a file: the journal is kept by its lines, and a lock is a process's. */
export function isNotKept(run: string): (path: string) => boolean {
  const directory = runDirectory(storedNames.home, run);
  const asStored = (path: string): string => path.replaceAll("\\", "/");
  const left = new Set([journalFile(directory), join(directory, "tmp")].map(asStored));
  const locks = [runLock(directory), `${messagesFile(directory)}.lock`].map(asStored);
  return (path) => left.has(path) || locks.some((lock) => path === lock || path.startsWith(`${lock}.`));
}
