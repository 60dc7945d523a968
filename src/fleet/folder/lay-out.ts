import { chmod, mkdir, open, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isPathBelow } from "../../base/folders/path-below.js";
import { SettingsError } from "../../errors.js";
import type { FileEntry } from "./entry.js";

/** How many bytes are asked for at a time, about. */
const atOnceBytes = 4 * 1024 * 1024;

/** What the store has of a run is no whole run. */
export class UnusableRunError extends SettingsError {}

/**
 * Makes a run's files in a folder that is empty. `contents` gives bytes by their hashes. Throws UnusableRunError where some are not kept, or
 * a path leads out of the folder.
 */
export async function layOut(
  folder: string,
  files: ReadonlyMap<string, FileEntry>,
  contents: (hashes: readonly string[]) => Promise<(Buffer | null)[]>,
): Promise<void> {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [path] of sorted) refuseOutside(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [path, entry] of sorted)
    if (entry.kind === "folder") await mkdir(join(folder, path), { recursive: true, mode: 0o700 });
  for (const [path, entry] of sorted) if (entry.kind === "file") await writeParts(join(folder, path), entry, contents);
  // Links come last: no file is written through one.
  for (const [path, entry] of sorted) {
    if (entry.kind !== "link") continue;
    await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    await symlink(entry.target, join(folder, path));
  }
  // A folder that may not be written is made so once everything is in it.
  for (const [path, entry] of sorted.reverse())
    if (entry.kind === "folder") await chmod(join(folder, path), entry.mode);
}

async function writeParts(
  file: string,
  { mode, parts }: Extract<FileEntry, { kind: "file" }>,
  contents: (hashes: readonly string[]) => Promise<(Buffer | null)[]>,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "wx", 0o600);
  try {
    for (let first = 0; first < parts.length;) {
      let [end, bytes] = [first, 0];
      for (; end < parts.length && bytes < atOnceBytes; end++) bytes += parts[end]?.length ?? 0;
      for (const content of await contents(parts.slice(first, end).map(({ hash }) => hash))) {
        if (content === null)
          throw new UnusableRunError(`The store has lost a part of ${file}: the run cannot go on from it.`);
        await handle.writeFile(content);
      }
      first = end;
    }
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

function refuseOutside(path: string): void {
  if (!isPathBelow(path))
    throw new UnusableRunError(`The store names the path ${JSON.stringify(path)}, which lies in no run's folder.`);
}
