import type { InputStream, OutputStream } from "./input/user-input.js";

/** The standard streams: the process's own, or those of whoever runs the program inside a process of theirs. */
export type Streams = { stdin: InputStream; stdout: OutputStream; stderr: OutputStream };
