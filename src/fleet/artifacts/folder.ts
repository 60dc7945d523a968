import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { syncFile } from "../../base/files.js";
import { isMissing, nullIfMissing } from "../../base/system-error.js";
import { messageOf, SettingsError } from "../../errors.js";
import { StoreDownError } from "../store/run-store.js";
import type { Artifacts } from "./artifacts.js";

/** What is being written has such a name, which stands for nothing. */
const draft = ".draft-";

/** Contents as files below a folder that all workers reach. Throws SettingsError where there is none. */
export async function openFolderArtifacts(folder: string): Promise<Artifacts> {
  const place = pathToFileURL(folder).href;
  const facts = await stat(folder).catch((thrown: unknown) => {
    throw new SettingsError(
      `The folder of ARTIFACTS_URL, ${folder}, cannot be used (${messageOf(thrown)}). Make or mount it, or name another one.`,
      { cause: thrown },
    );
  });
  if (!facts.isDirectory())
    throw new SettingsError(`ARTIFACTS_URL must name a folder, and ${folder} is none. Name another one.`);
  const told = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (thrown) {
      throw new StoreDownError(`${place} cannot be used (${messageOf(thrown)}).`, { cause: thrown });
    }
  };
  return {
    place,
    put: (name, bytes) => told(write(folder, name, bytes)),
    get: (name) => told(readFile(join(folder, name)).catch(nullIfMissing)),
    list: (from) => told(namesBelow(folder, from)),
    remove: (name) => told(rm(join(folder, name), { force: true })),
    removeAll: (from) => told(rm(join(folder, from), { recursive: true, force: true })),
    close: () => undefined,
  };
}

/** On disk as a whole before it has its name, and with that name before anybody builds upon it. */
async function write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const file = join(folder, name);
  // A folder that is not mounted any more is not made.
  await stat(folder);
  const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const written = join(dirname(file), `${draft}${randomUUID()}`);
  try {
    const handle = await open(written, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(written, file);
  } catch (thrown) {
    await rm(written, { force: true }).catch(() => undefined);
    throw thrown;
  }
  // Folders that are new are names in the one above.
  const above = made === undefined ? dirname(file) : dirname(made);
  for (let at = dirname(file); at.length >= above.length; at = dirname(at)) {
    await syncFolder(at);
    if (at === dirname(at)) break;
  }
}

/** Windows has no such thing. */
const syncFolder = (folder: string): Promise<void> =>
  process.platform === "win32" ? Promise.resolve() : syncFile(folder);

async function namesBelow(folder: string, from: string): Promise<string[]> {
  try {
    const entries = await readdir(join(folder, from), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith(draft))
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, sep).length).replaceAll(sep, "/"));
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
}
