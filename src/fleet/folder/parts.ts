import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { readRange } from "../../base/files.js";
import type { Part } from "./entry.js";

/** The most that is kept as one content. */
export const mostPartBytes = 512 * 1024;

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes as one part; there have to be some. */
export const partOf = (bytes: Uint8Array): Part => ({ hash: hashOf(bytes), length: bytes.length });

/**
 * The parts of an open file, given those that it had: as long as it begins as before, these stay, so that a file to which something was
 * added costs what was added. Small parts at the end are joined with what is new, so that there are few of them: a byte is kept anew
 * about as often as the file doubles. `add` is given each part that is new.
 */
export async function partsOf(
  handle: FileHandle,
  before: readonly Part[],
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
  for (let last = kept.at(-1); last !== undefined && joins(last, size - offset); last = kept.at(-1)) {
    kept.pop();
    offset -= last.length;
  }
  for (;;) {
    const bytes = await readRange(handle, offset, mostPartBytes);
    if (bytes.length === 0) return kept;
    const part = partOf(bytes);
    await add(part, bytes);
    kept.push(part);
    offset += bytes.length;
  }
}

const joins = (last: Part, rest: number): boolean => last.length < mostPartBytes && last.length <= rest;
