import { closeSync, constants, openSync, readlinkSync } from "node:fs";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { checkRealPath, namesBelow, type Boundary, type Use } from "./boundary.js";
import { codeOf } from "../base/system-error.js";
import { isRepository, repositoryNames } from "../protection/guarded.js";
import { isProtected, leadsOut, shown, workspaceErrorFrom, WorkspaceError } from "./workspace-error.js";

/**
 * A folder that is known to lie inside the workspace. On Linux it is held open, and `at` leads through the open folder:
 * whatever is renamed or linked afterwards, `at(name)` stays in the folder that was checked.
 */
export interface Folder {
  /** Where the folder really was when it was checked. */
  readonly real: string;
  /** A path for the system to act on `name` in this folder. */
  at(name: string): string;
  /** Throws WorkspaceError where the folder could not be held and is now elsewhere. */
  recheck(): Promise<void>;
  close(): Promise<void>;
}

/** `create`: levels that are missing are made. `use`: what is to be done in the folder. */
export type FolderOptions = { create?: boolean | undefined; use?: Use | undefined };

/** How deep folders are made, and how far below a folder its files are listed. */
export const mostLevels = 64;

/**
 * Goes down from the workspace through `names`, links inside it followed, every level checked after it was opened.
 * Throws WorkspaceError; `asked` is the path that messages name.
 */
export async function openFolder(
  boundary: Boundary,
  names: readonly string[],
  asked: string,
  { create = false, use = "read" }: FolderOptions = {},
): Promise<Folder> {
  let folder = await enterRoot(boundary, asked);
  for (const name of names) {
    const parent = folder;
    try {
      folder = await openFolderIn(boundary, parent, name, asked, { create, use });
    } finally {
      await parent.close();
    }
  }
  return folder;
}

async function enterRoot(boundary: Boundary, asked: string): Promise<Folder> {
  try {
    return await enter(boundary, boundary.root, asked, "read");
  } catch (error) {
    if (error instanceof WorkspaceError) throw error;
    throw new WorkspaceError("failed", `The workspace ${boundary.root} itself cannot be opened (${codeOf(error)}).`, {
      cause: error,
    });
  }
}

/** Goes down one level from a folder that is held, which stays open. Otherwise as openFolder. */
export async function openFolderIn(
  boundary: Boundary,
  parent: Folder,
  name: string,
  asked: string,
  { create = false, use = "read" }: FolderOptions = {},
): Promise<Folder> {
  const path = parent.at(name);
  try {
    return await enter(boundary, path, asked, use);
  } catch (error) {
    if (error instanceof WorkspaceError) throw error;
    if (codeOf(error) !== "ENOENT" || !create) throw await refusal(boundary, path, error, asked);
  }
  checkRealPath(boundary, join(parent.real, name), asked, use === "restore" ? use : "change");
  if (use !== "restore") await refuseNewRepository(parent, name, asked);
  if (namesBelow(boundary, parent.real).length >= mostLevels) throw tooDeep(asked);
  try {
    await mkdir(path).catch(ignoreExisting);
    await parent.recheck();
    return await enter(boundary, path, asked, use);
  } catch (error) {
    throw await refusal(boundary, path, error, asked);
  }
}

/** A link that cannot be followed says nothing about what is behind it. */
async function refusal(boundary: Boundary, path: string, error: unknown, asked: string): Promise<WorkspaceError> {
  if (error instanceof WorkspaceError) return error;
  const stats = await lstat(path).catch(() => null);
  if (stats?.isSymbolicLink()) return leadsOut(asked, boundary.root);
  if (codeOf(error) === "ENOTDIR") {
    return new WorkspaceError("not-a-folder", `A part of ${shown(asked)} is a file, not a folder. Use another path.`);
  }
  return workspaceErrorFrom(error, asked);
}

const tooDeep = (asked: string): WorkspaceError =>
  new WorkspaceError(
    "bad-name",
    `${shown(asked)} would make folders more than ${mostLevels} levels deep. Use a path with fewer folders.`,
  );

function ignoreExisting(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

const enter = async (boundary: Boundary, path: string, asked: string, use: Use): Promise<Folder> => {
  const folder = await (boundary.descriptors ? enterByDescriptor : enterByPath)(boundary, path, asked, use);
  try {
    if (use === "change" && folder.real !== boundary.root) await refuseRepository(folder, asked);
    return folder;
  } catch (error) {
    await folder.close();
    throw error;
  }
};

/** A folder that is itself what `.git` usually is: git obeys its `config`, whatever the folder is called. */
async function refuseRepository(folder: Folder, asked: string): Promise<void> {
  if (isRepository(await repositoryNamesIn(folder))) throw isProtected(asked, bareRepository);
}

/** Throws WorkspaceError where a folder would become such a one by this name. */
export async function refuseNewRepository(folder: Folder, name: string, asked: string): Promise<void> {
  if (!repositoryNames.some((one) => one.toLowerCase() === name.toLowerCase())) return;
  if (isRepository([name, ...(await repositoryNamesIn(folder))])) throw isProtected(asked, bareRepository);
}

const bareRepository = "git takes the folder for a repository, and runs programs that its config names";

async function repositoryNamesIn(folder: Folder): Promise<string[]> {
  const there = await Promise.all(repositoryNames.map((name) => lstat(folder.at(name)).catch(() => null)));
  return repositoryNames.filter((_name, index) => there[index] !== null);
}

/** At once: to hand each of these calls to another thread takes many times as long as the call. */
async function enterByDescriptor(boundary: Boundary, path: string, asked: string, use: Use): Promise<Folder> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  const inside = `/proc/self/fd/${descriptor}`;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  try {
    const real = readlinkSync(inside);
    checkRealPath(boundary, real, asked, use);
    return { real, at: (name) => `${inside}/${name}`, recheck: async () => {}, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function enterByPath(boundary: Boundary, path: string, asked: string, use: Use): Promise<Folder> {
  const real = await realpath(path);
  checkRealPath(boundary, real, asked, use);
  if (!(await lstat(real)).isDirectory()) {
    throw new WorkspaceError("not-a-folder", `A part of ${shown(asked)} is a file, not a folder. Use another path.`);
  }
  return {
    real,
    at: (name) => join(real, name),
    recheck: async () => {
      if ((await realpath(real).catch(() => null)) !== real) throw leadsOut(asked, boundary.root);
    },
    close: async () => {},
  };
}
