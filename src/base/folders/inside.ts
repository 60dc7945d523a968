import { constants } from "node:fs";
import { mkdir, open, realpath, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../system-error.js";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
const byDescriptor = process.platform === "linux";

/**
 * Acts in a folder below `root` (its real path), `path` with "/" between names: each level is entered from the one that holds it, no
 * link is followed, and what is missing is made. `at` leads the system into the folder. Throws the system's error, ELOOP or ENOTDIR
 * where something else is in the way.
 */
export async function inside<Result>(
  root: string,
  path: string,
  act: (at: string) => Promise<Result>,
): Promise<Result> {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (!byDescriptor) return act(await byPath(root, names));
  let held = await open(root, O_RDONLY | O_DIRECTORY);
  try {
    for (const name of names) {
      const above = held;
      held = await below(above, name);
      await above.close();
    }
    return await act(through(held));
  } finally {
    await held.close();
  }
}

const through = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

async function below(above: FileHandle, name: string): Promise<FileHandle> {
  const at = `${through(above)}/${name}`;
  await mkdir(at).catch(unlessThere);
  return open(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

async function byPath(root: string, names: readonly string[]): Promise<string> {
  const wanted = join(root, ...names);
  await mkdir(wanted, { recursive: true });
  if ((await realpath(wanted)) === wanted) return wanted;
  throw Object.assign(new Error(`A link is in the way to ${wanted}.`), { code: "ELOOP" });
}

function unlessThere(thrown: unknown): void {
  if (codeOf(thrown) !== "EEXIST") throw thrown;
}
