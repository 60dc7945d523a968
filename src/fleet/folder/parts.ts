import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { readRange } from "../../base/files.js";
import type { Part } from "./entry.js";

/** The most that is kept as one content, and of a large file where those have a place of their own. */
const [mostPartBytes, mostLargePartBytes] = [512 * 1024, 4 * 1024 * 1024];
/** A file of more bytes is large. */
const mostSmallBytes = 1_000_000;

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes as one part; there have to be some. */
export const partOf = (bytes: Uint8Array): Part => ({ hash: hashOf(bytes), length: bytes.length });

/**
 * The parts of an open file, given those that it had: as long as it begins as before, these stay, so that a file to which something was
 * added costs what was added. Small parts at the end are joined with what is new, so that there are few of them: a byte is kept anew
 * about as often as the file doubles. `add` is given each part that is new. `artifacts`: the epoch under which parts of large files are put where
 * those lie; null where they have no place of their own.
 */
export async function partsOf(
  handle: FileHandle,
  before: readonly Part[],
  artifacts: number | null,
  add: (part: Part, bytes: Buffer) => Promise<void> | void,
): Promise<Part[]> {
  const kept: Part[] = [];
  let offset = 0;
  for (const part of before) {
    const bytes = await readRange(handle, offset, part.length);
    if (bytes.length < part.length || hashOf(bytes) !== part.hash) break;
    kept.push(part);
    offset += part.length;
  }
  const { size } = await handle.stat();
  if (size <= offset) return kept;
  const artifact = artifacts !== null && size > mostSmallBytes ? { artifact: artifacts } : {};
  const most = artifact.artifact === undefined ? mostPartBytes : mostLargePartBytes;
  const joins = (last: Part): boolean => last.length < most && last.length <= size - offset;
  for (let last = kept.at(-1); last !== undefined && joins(last); last = kept.at(-1)) {
    kept.pop();
    offset -= last.length;
  }
  // No more than the file has: most files are small, and memory for a whole part would stay until they are sent.
  while (offset < size) {
    const bytes = await readRange(handle, offset, Math.min(most, size - offset));
    if (bytes.length === 0) break;
    const part = { ...partOf(bytes), ...artifact };
    await add(part, bytes);
    kept.push(part);
    offset += bytes.length;
  }
  return kept;
}
