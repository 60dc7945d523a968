import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { isMissing } from "../../../base/system-error.js";
import { SettingsError } from "../../../errors.js";

/**
 * The folder that another agent names for a run's workspace: below the folder that the server was started in, links
 * followed, and none of those that programs run code or read settings from. Throws SettingsError.
 */
export async function workspaceWithin(folder: string, given: string): Promise<string> {
  const path = resolve(folder, given);
  const inside = relative(await realpath(folder), await realPlace(path));
  if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw new SettingsError(
      `workspace must be a folder below ${folder}, and not that folder itself: ${JSON.stringify(given)} is not.`,
    );
  const closed = inside.split(sep).find((name) => name.startsWith(".") || name === "node_modules");
  if (closed !== undefined)
    throw new SettingsError(
      `workspace must not lie in a folder such as ${closed}: programs keep settings and code there. Name another one.`,
    );
  return path;
}

/** The real path of a file or folder that need not be there yet. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    if (!isMissing(thrown) || dirname(path) === path) throw thrown;
    return resolve(await realPlace(dirname(path)), relative(dirname(path), path));
  }
}
