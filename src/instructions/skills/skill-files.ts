import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { walkFolder } from "../../base/folders/walk-folder.js";

export const skillFile = "SKILL.md";

/** More than these are no instructions with some scripts. */
const mostFiles = 500;
const mostBytes = 16 << 20;

/**
 * The files of a skill besides its SKILL.md, in a fixed order, "/" between names: no links, nothing whose name begins with a
 * dot, no packages. Throws an Error where there are too many.
 */
export async function filesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  await walkFolder(folder, async ({ path, entries }) => {
    for (const entry of entries)
      if (entry.isFile() && !isPassedOver(entry.name)) found.push(path === "" ? entry.name : `${path}/${entry.name}`);
    if (found.length > mostFiles) return "stop";
    return new Set(entries.map(({ name }) => name).filter(isPassedOver));
  });
  if (found.length > mostFiles) throw new Error(`it has more than ${mostFiles} files`);
  return found.filter((file) => file !== skillFile).sort();
}

const isPassedOver = (name: string): boolean =>
  name.startsWith(".") || /\p{Cc}/u.test(name) || name === "node_modules" || name === "__pycache__";

/** A digest of a skill with all its files. Throws an Error where it is too large for that. */
export async function digestOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  let left = mostBytes;
  for (const file of [skillFile, ...(await filesOf(folder))]) {
    left -= (await stat(join(folder, file))).size;
    if (left < 0) throw new Error("it has more than 16 MB");
    hash
      .update(`${file}\0`)
      .update(await readFile(join(folder, file)))
      .update("\0");
  }
  return hash.digest("hex");
}
