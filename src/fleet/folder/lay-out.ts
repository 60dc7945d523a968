import { chmod, mkdir, open, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isPathBelow } from "../../base/folders/path-below.js";
import { codeOf } from "../../base/system-error.js";
import { SettingsError } from "../../errors.js";
import { contentOf, type FileEntry, type Part } from "./entry.js";
import { hashOf } from "./parts.js";

/** How many bytes are asked for at a time, about. */
const atOnceBytes = 4 * 1024 * 1024;

/** What the store has of a run is no whole run. */
export class UnusableRunError extends SettingsError {}

/** Gives bytes by their names, null for what is not kept. */
type GiveContents = (names: readonly string[]) => Promise<(Buffer | null)[]>;

/**
 * Makes a run's files in a folder that is empty but for folders of theirs. Throws UnusableRunError, which names the file, where some of its bytes are not kept or are
 * others than were put there, or a path leads out of the folder, or a link would stand in the place of something else.
 */
export async function layOut(
  folder: string,
  files: ReadonlyMap<string, FileEntry>,
  contents: GiveContents,
): Promise<void> {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [path] of sorted) refuseOutside(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [path, entry] of sorted)
    if (entry.kind === "folder") await mkdir(join(folder, path), { recursive: true, mode: 0o700 });
  for (const [path, entry] of sorted) if (entry.kind === "file") await writeParts(folder, path, entry, contents);
  // Links come last: no file is written through one.
  for (const [path, entry] of sorted) {
    if (entry.kind !== "link") continue;
    await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    await symlink(entry.target, join(folder, path)).catch((thrown: unknown) => {
      if (codeOf(thrown) !== "EEXIST") throw thrown;
      throw new UnusableRunError(`The store names a link at ${JSON.stringify(path)}, where something else lies.`);
    });
  }
  // A folder that may not be written is made so once everything is in it.
  for (const [path, entry] of sorted.reverse())
    if (entry.kind === "folder") await chmod(join(folder, path), entry.mode);
}

async function writeParts(
  folder: string,
  path: string,
  { mode, parts }: Extract<FileEntry, { kind: "file" }>,
  contents: GiveContents,
): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, "wx", 0o600);
  try {
    for (let first = 0; first < parts.length;) {
      let [end, bytes] = [first, 0];
      for (; end < parts.length && bytes < atOnceBytes; end++) bytes += parts[end]?.length ?? 0;
      const some = parts.slice(first, end);
      for (const [index, content] of (await contents(some.map(contentOf))).entries())
        await handle.writeFile(requireWhole(path, some[index] as Part, content));
      first = end;
    }
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

function requireWhole(path: string, part: Part, content: Buffer | null): Buffer {
  if (content !== null && hashOf(content) === part.hash) return content;
  const [place, where] =
    part.artifact === undefined ? ["The store", ""] : ["The place of large files", ` (${contentOf(part)})`];
  throw new UnusableRunError(
    content === null
      ? `${place} has lost a part of ${JSON.stringify(path)}${where}: the run cannot go on from it.`
      : `${place} has other bytes than were kept of ${JSON.stringify(path)}${where}: the run cannot go on from it.`,
  );
}

function refuseOutside(path: string): void {
  if (!isPathBelow(path))
    throw new UnusableRunError(`The store names the path ${JSON.stringify(path)}, which lies in no run's folder.`);
}
