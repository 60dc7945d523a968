import { constants, readdirSync, type Stats } from "node:fs";
import { open, readFile, unlink } from "node:fs/promises";
import { join, relative } from "node:path";
import * as z from "zod";
import type { Boundary } from "../boundary.js";
import { atPath, openRegular, type HeldPath } from "../held-path.js";
import { draftName, writerOfDraft } from "../../base/files.js";
import { codeOf } from "../../base/system-error.js";

/**
 * A process that is killed while it appends may leave a part of the text behind. So it writes a note before: where, what
 * the file was like, and the text. Whoever opens the workspace next with the same folder for half-written files finds
 * the note, and cuts that part off.
 */
const start = ".autogpt-append-";

/** The first line of a note; the text follows. `size` and `file` are null where there was no file. */
const noteHead = z.object({
  path: z.string(),
  size: z.number().nullable(),
  file: z.string().nullable(),
});

/** Without the device: its number may be another one after the restart that a power cut ends in. */
const identityOf = ({ ino }: Stats): string => String(ino);

/** Writes the note, to disk; `before` is null where there is no file yet. Returns what removes it. */
export async function noteAppend(
  boundary: Boundary,
  held: HeldPath,
  before: Stats | null,
  bytes: Uint8Array,
): Promise<() => Promise<void>> {
  const note = join(boundary.temporaryDirectory, draftName(start));
  const head: z.infer<typeof noteHead> = {
    path: relative(boundary.root, join(held.folder.real, held.name)),
    size: before?.size ?? null,
    file: before && identityOf(before),
  };
  const forget = (): Promise<void> => unlink(note).catch(() => {});
  try {
    const handle = await open(note, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await handle.writeFile(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await forget();
    // The folder may be gone or closed: then the text is appended without a note.
    if (codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT") throw error;
  }
  return forget;
}

/** Cuts off what was left of appends that a killed process did not finish; a file that it only just made is removed. */
export async function mendUnfinishedAppends(boundary: Boundary): Promise<void> {
  for (const name of readdirSync(boundary.temporaryDirectory)) {
    if (writerOfDraft(name, start) === null) continue;
    const note = join(boundary.temporaryDirectory, name);
    // What cannot be mended any more stays as it is: the file is gone, or somebody else has changed it.
    await mend(boundary, await readFile(note)).catch(() => {});
    await unlink(note).catch(() => {});
  }
}

async function mend(boundary: Boundary, note: Buffer): Promise<void> {
  const lineEnd = note.indexOf("\n");
  const { path, size, file } = noteHead.parse(JSON.parse(note.subarray(0, lineEnd).toString("utf8")));
  const bytes = note.subarray(lineEnd + 1);
  await atPath(boundary, path, { keepLink: true }, async (held) => {
    const handle = await openRegular(boundary, held, constants.O_RDWR);
    try {
      const now = await handle.stat();
      const before = size ?? 0;
      const added = now.size - before;
      if (now.nlink > 1 || (file !== null && fileOf(file) !== identityOf(now)) || added < 0 || added > bytes.length)
        return;
      const part = Buffer.alloc(added);
      if (added > 0) await handle.read(part, 0, added, before);
      if (part.equals(bytes) || !isPartOf(part, bytes)) return;
      if (size === null) await unlink(held.folder.at(held.name));
      else if (added > 0) await handle.truncate(before);
    } finally {
      await handle.close();
    }
  });
}

/** Notes of earlier builds have the device before the file's number. */
const fileOf = (noted: string): string => noted.slice(noted.indexOf(":") + 1);

/** Whether this is the beginning of a text, or what a power cut makes of one: zeros in the place of what did not reach the disk. */
const isPartOf = (part: Buffer, bytes: Buffer): boolean =>
  part.every((byte, index) => byte === bytes[index] || byte === 0);
