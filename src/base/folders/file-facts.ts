import type { Stats } from "node:fs";

/** What identifies the content of a file that was not written to since: times, size and number in the file system. */
export type FileFacts = { ctimeMs: number; mtimeMs: number; size: number; ino: number; seenMs: number };

/** Two changes of a file within a tick of the system's clock have the same time, so a time as young as this proves nothing. */
const tickMs = 50;

/** What the system says of a file now. */
export const fileFacts = ({ ctimeMs, mtimeMs, size, ino }: Stats): FileFacts => ({
  ctimeMs,
  mtimeMs,
  size,
  ino,
  seenMs: Date.now(),
});

/** Whether a file was certainly not written to between the two. */
export const isUntouched = (then: FileFacts, now: FileFacts): boolean =>
  then.ctimeMs === now.ctimeMs &&
  then.mtimeMs === now.mtimeMs &&
  then.size === now.size &&
  then.ino === now.ino &&
  then.seenMs - then.ctimeMs > tickMs;
