import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, sep } from "node:path";

export type FindOptions = {
  /** Only a program whose real place lies in one of these folders counts. */
  below?: readonly string[];
  /** The system that it is to run on; this one unless told. */
  platform?: NodeJS.Platform;
};

/**
 * The full path of the first program of this name on a search path (as in PATH) that can be run, or null. Only absolute
 * folders are looked into: a relative one, such as `.`, would let whatever lies in the current folder be run.
 */
export async function findProgram(name: string, path: string, options: FindOptions = {}): Promise<string | null> {
  const { below, platform = process.platform } = options;
  // Node starts scripts such as NAME.cmd through a shell only, so they are no programs here.
  const file = platform === "win32" ? `${name}.exe` : name;
  for (const folder of path.split(delimiter).filter((one) => isAbsolute(one))) {
    const candidate = join(folder, file);
    if ((await isProgram(candidate)) && (await liesBelow(candidate, below))) return candidate;
  }
  return null;
}

/** Whether a file can be run as a program. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function liesBelow(file: string, folders: readonly string[] | undefined): Promise<boolean> {
  if (folders === undefined) return true;
  const real = await realpath(file);
  return folders.some((folder) => real.startsWith(folder + sep));
}
