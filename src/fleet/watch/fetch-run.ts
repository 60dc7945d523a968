import { mkdir, mkdtemp, readdir, realpath, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf, isMissing } from "../../base/system-error.js";
import { movedLine } from "../../history/fork/moved-line.js";
import { messageOf, RunError, SettingsError } from "../../errors.js";
import type { FileEntry } from "../folder/entry.js";
import { layOut } from "../folder/lay-out.js";
import type { RunStore } from "../store/run-store.js";
import { storedNames, writeJournal } from "../worker/run-folder.js";

/** Where the parts of a run lie in a folder in which the program is started without more words. */
const fetchedNames: Readonly<Record<string, string>> = {
  [storedNames.home]: ".autogpt",
  [storedNames.workspace]: "workspace",
  [storedNames.settings]: "ai_settings.yaml",
};

/** What was fetched: how many files the workspace has, and the number of lines of the journal. */
export type Fetched = { files: number; lines: number };

/**
 * Makes `folder` hold a run as the store has it now: its workspace in `workspace`, its journal and the rest of the program's own state in
 * `.autogpt`, its `ai_settings.yaml`. The journal names these places, and no longer a worker's. The folder must be empty or not there, and appears when all is in it. Throws SettingsError where it is
 * not, cannot be made, or there is no such run, UnusableRunError where something of the run is lost, and StoreDownError.
 */
export async function fetchRun(
  store: Pick<RunStore, "read" | "contents" | "place">,
  run: string,
  folder: string,
): Promise<Fetched> {
  await requireEmpty(folder);
  const stored = await store.read(run);
  if (stored === null) throw new SettingsError(`The run ${run} is gone from the store at ${store.place}.`);
  const files = new Map<string, FileEntry>();
  for (const [path, entry] of stored.files) {
    const name = fetchedPath(path);
    if (name !== null) files.set(name, entry);
  }
  const draft = await draftBeside(folder);
  try {
    await mkdir(join(draft, "workspace"), { recursive: true, mode: 0o700 });
    // Before the rest, which may have links: it is not written through one.
    const here = join(await realpath(dirname(folder)), basename(folder));
    const places = { workspace: join(here, "workspace"), settingsFile: join(here, "ai_settings.yaml") };
    // With those of a worker, commands that undo or go on would work in its folder, perhaps on a run that is at work there.
    const lines = stored.lines.map((line) => movedLine(line, places));
    await writeJournal(join(draft, ".autogpt"), run, lines);
    await layOut(draft, files, (names) => store.contents(run, names));
    await putInPlace(draft, folder);
  } catch (thrown) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw thrown instanceof RunError ? thrown : cannotBeMade(folder, thrown);
  }
  const inWorkspace = [...files].filter(([path, { kind }]) => path.startsWith("workspace/") && kind !== "folder");
  return { files: inWorkspace.length, lines: stored.lines.length };
}

/** Null for what is no part of a run that is known here. */
function fetchedPath(path: string): string | null {
  const [first = "", ...rest] = path.split("/");
  const name = fetchedNames[first];
  return name === undefined ? null : [name, ...rest].join("/");
}

async function requireEmpty(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (thrown) {
    if (isMissing(thrown)) return;
    throw codeOf(thrown) === "ENOTDIR" ? notEmpty(folder) : cannotBeMade(folder, thrown);
  }
  if (names.length > 0) throw notEmpty(folder);
}

const notEmpty = (folder: string): SettingsError =>
  new SettingsError(
    `${folder} is there already, and not an empty folder: nothing is written over it. Name another place with --to.`,
  );

const cannotBeMade = (folder: string, cause: unknown): SettingsError =>
  new SettingsError(`${folder} cannot be made: ${messageOf(cause)}.`, { cause });

async function draftBeside(folder: string): Promise<string> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    return await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  } catch (thrown) {
    throw cannotBeMade(folder, thrown);
  }
}

/** An empty folder may be replaced; one into which somebody has put something meanwhile is not. */
async function putInPlace(draft: string, folder: string): Promise<void> {
  try {
    await rmdir(folder).catch((thrown: unknown) => {
      if (!isMissing(thrown)) throw thrown;
    });
    await rename(draft, folder);
  } catch (thrown) {
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(codeOf(thrown) ?? "")) throw notEmpty(folder);
    throw cannotBeMade(folder, thrown);
  }
}
