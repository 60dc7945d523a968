import type { InputStream, OutputStream } from "./input/user-input.js";
import { layOut } from "./layout.js";

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

/**
 * Text for a stream: on a terminal its lines are broken between words, and what goes on is indented by `mark`. A word that is longer
 * than a line stays whole.
 */
export const fittedTo = (stream: OutputStream, text: string, mark = "  "): string =>
  stream.isTTY === true
    ? text
        .split("\n")
        .map((line) => layOut(line, sizeOf(stream).columns - 1, mark, true))
        .join("\n")
    : text;
