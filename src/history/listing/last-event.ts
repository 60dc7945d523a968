import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isObject, parseJson } from "../../base/json.js";

const firstBytes = 64 * 1024;

/** White space in which a text ends, as editors leave it. */
const blanks = [0x0a, 0x0d, 0x20, 0x09];

/**
 * The last whole line of a journal that is not blank, without reading what stands before it; null where that is no JSON object, and
 * for what is no file.
 */
export function lastEvent(file: string): Record<string, unknown> | null {
  // To open a pipe would wait for somebody who writes into it.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return null;
    const { size } = stats;
    for (let length = Math.min(size, firstBytes); ; length = Math.min(size, length * 4)) {
      const bytes = Buffer.alloc(length);
      const bytesRead = readSync(descriptor, bytes, 0, length, size - length);
      const end = bytes.subarray(0, bytesRead).lastIndexOf("\n");
      const last = bytes.subarray(0, Math.max(0, end)).findLastIndex((byte) => !blanks.includes(byte));
      const before = last === -1 ? -1 : bytes.lastIndexOf("\n", last);
      if (before === -1 && length < size) continue;
      const parsed =
        last === -1 ? undefined : parseJson(bytes.toString("utf8", before + 1, last + 1).replace(/^\ufeff/, ""));
      return isObject(parsed) ? parsed : null;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The same; null as well where the journal cannot be read. */
export function lastEventOf(file: string): Record<string, unknown> | null {
  try {
    return lastEvent(file);
  } catch {
    return null;
  }
}
