import { randomUUID } from "node:crypto";
import { openSync, readdirSync, statSync } from "node:fs";
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, nullIfMissing } from "../../base/system-error.js";

/** Another process has replaced the files meanwhile: read again. */
export class ReplacedError extends Error {}

/** Opens a file of a memory for reading. Throws ReplacedError where it is gone. */
export function openExisting(file: string): number {
  try {
    return openSync(file, "r");
  } catch (error) {
    throw isMissing(error) ? new ReplacedError(`${file} is gone.`) : error;
  }
}

export const recordsPath = (folder: string): string => join(folder, "records.jsonl");
export const lockPath = (folder: string): string => join(folder, "lock");
export const vectorsPath = (folder: string, vectors: string): string => join(folder, `vectors-${vectors}.f32`);
export const blockPath = (folder: string, vectors: string, block: number): string =>
  join(folder, `vectors-${vectors}.${block}.i8`);
/** Whether there is a block of this number, of whichever vectors. */
export const hasBlockNumbered = (folder: string, block: number): boolean =>
  readdirSync(folder).some((name) => name.endsWith(`.${block}.i8`));
export const wordsPath = (folder: string, records: string, block: number): string =>
  join(folder, `words-${records}.${block}`);
export const indexPath = (folder: string, records: string, block: number): string =>
  join(folder, `index-${records}.${block}`);
export const draftPath = (folder: string): string => join(folder, `draft-${randomUUID()}.f32`);

/** The files of a memory, except for its lock. */
const ours = /^(records\.jsonl|vectors-|words-|index-|draft-)/;
const oldDraftMs = 86_400_000;

export async function removeMemoryFiles(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => ours.test(name));
  // Sorted, the records go before their vectors: records without vectors would be damage.
  for (const name of names.sort()) await unlink(join(folder, name)).catch(nullIfMissing);
}

/**
 * Removes vectors, words and indexes of earlier generations, and drafts too old to be still written. While there is a copy of a
 * damaged memory, all vectors stay. A file that cannot be removed because another process has it open is removed the
 * next time.
 */
export async function removeLeftovers(folder: string, { id, vectors }: { id: string; vectors: string }): Promise<void> {
  const names = await readdir(folder);
  const keepsCopy = names.some((name) => name.includes(".corrupt-"));
  for (const name of names) {
    const path = join(folder, name);
    const isOldDraft = name.startsWith("draft-") && Date.now() - (await changed(path)) > oldDraftMs;
    const isStranger = name.startsWith("vectors-") && !name.startsWith(`vectors-${vectors}.`) && !keepsCopy;
    const isOld = /^(words|index)-/.test(name) && !name.replace(/^(words|index)-/, "").startsWith(`${id}.`);
    if (isOldDraft || isStranger || isOld) await unlink(path).catch(() => {});
  }
}

const changed = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.mtimeMs ?? Date.now();

export async function bytesOfFolder(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) {
    if (ours.test(name)) bytes += (await stat(join(folder, name)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}

/** Changes whenever the file does; "" where there is none. */
export function fingerprint(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
