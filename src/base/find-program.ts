import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, sep } from "node:path";

/**
 * The first program of this name on the path that can be run, or null. With `below`, only one whose real place lies in
 * one of these folders counts.
 */
export async function findProgram(name: string, path: string, below?: readonly string[]): Promise<string | null> {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    for (const candidate of names.map((each) => join(folder, each))) {
      if ((await isProgram(candidate)) && (await liesBelow(candidate, below))) return candidate;
    }
  }
  return null;
}

async function isProgram(file: string): Promise<boolean> {
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
