import { closeSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";

const chunkBytes = 1 << 20;

/** The CRC-32 of a file's bytes from `from` to before `to`, behind others of which it was `crc`; null where the file has fewer. */
export function crcOfFile(file: string, from: number, to: number, crc = 0): number | null {
  const descriptor = openSync(file, "r");
  try {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(0, to - from)));
    let sum = crc;
    for (let at = from; at < to;) {
      const read = readSync(descriptor, chunk, 0, Math.min(chunk.length, to - at), at);
      if (read === 0) return null;
      sum = crc32(chunk.subarray(0, read), sum);
      at += read;
    }
    return sum;
  } finally {
    closeSync(descriptor);
  }
}
