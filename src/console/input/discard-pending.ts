import { closeSync, constants, openSync, readSync } from "node:fs";
import type { InputStream } from "./user-input.js";

/** More than a terminal keeps for whoever reads it. */
const mostReads = 64;

/** Reads what has been entered on a terminal and nobody has read yet, without waiting for more, and returns it. */
export function discardPending(input: InputStream): string {
  const pieces: string[] = [];
  // What was typed without Enter can be read in raw mode only.
  input.setRawMode?.(true);
  for (let chunk: unknown = input.read(); chunk !== null; chunk = input.read()) pieces.push(String(chunk));
  if (input.fd !== undefined) pieces.push(readPending(input.fd));
  return pieces.join("");
}

/** Through a handle of its own, which does not wait; "" where the system has no such handle. */
function readPending(fd: number): string {
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
  let handle: number | undefined;
  const pieces: Buffer[] = [];
  try {
    if (process.platform === "win32") return "";
    handle = openSync(process.platform === "linux" ? `/proc/self/fd/${fd}` : "/dev/tty", flags);
    for (let count = 0; count < mostReads; count++) {
      const bytes = Buffer.alloc(4096);
      const length = readSync(handle, bytes);
      if (length === 0) break;
      pieces.push(bytes.subarray(0, length));
    }
  } catch {
    // EAGAIN: there is nothing more. Any other error: what was typed cannot be told from an answer here.
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
  return Buffer.concat(pieces).toString();
}
