import { open } from "node:fs/promises";
import { isObject, parseJson } from "../../base/json.js";

const firstBytes = 64 * 1024;

/** The last whole line of a journal, without reading what stands before it; null where that is no JSON object. */
export async function lastEvent(file: string): Promise<Record<string, unknown> | null> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    for (let length = Math.min(size, firstBytes); ; length = Math.min(size, length * 4)) {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, size - length);
      const end = bytes.subarray(0, bytesRead).lastIndexOf("\n");
      const before = end < 1 ? -1 : bytes.lastIndexOf("\n", end - 1);
      if (before === -1 && length < size) continue;
      const parsed = end === -1 ? undefined : parseJson(bytes.toString("utf8", before + 1, end));
      return isObject(parsed) ? parsed : null;
    }
  } finally {
    await handle.close();
  }
}
