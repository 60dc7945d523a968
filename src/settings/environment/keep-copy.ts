import { copyFile, chmod, mkdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { makeStateFolder } from "../../base/folders/state-folder.js";
import { isMissing } from "../../base/system-error.js";
import { messageOf, SettingsError } from "../../errors.js";

/** The path that a copy of this name has, below the folder of the program's own state, which is made. Throws the system's error. */
export async function placeForCopy(name: string, home: string, now = new Date()): Promise<string> {
  makeStateFolder(home);
  const folder = join(home, "replaced");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").replace(".", "-").slice(0, 19);
  const end = extname(name);
  return join(folder, `${basename(name, end)}-${stamp}${end}`);
}

/**
 * Keeps a copy of a file that is about to be replaced, for its owner alone, and resolves to its path; null where there is no
 * such file. Throws SettingsError where none can be kept.
 */
export async function keepCopy(file: string, home: string): Promise<string | null> {
  try {
    const copy = await placeForCopy(basename(file), home);
    await copyFile(file, copy);
    await chmod(copy, 0o600);
    return copy;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw new SettingsError(
      `No copy of ${file} can be kept (${messageOf(thrown)}), so it was not replaced. Move it away, then try again.`,
      { cause: thrown },
    );
  }
}
