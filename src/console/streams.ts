import type { InputStream, OutputStream } from "./input/user-input.js";

/** The size of a terminal; the usual one where it is not known. */
export const sizeOf = ({
  rows,
  columns,
}: OutputStream & { rows?: number; columns?: number }): { rows: number; columns: number } => ({
  rows: rows ?? 24,
  columns: columns ?? 80,
});

/** The standard streams: the process's own, or those of whoever runs the program inside a process of theirs. */
export type Streams = { stdin: InputStream; stdout: OutputStream; stderr: OutputStream };
