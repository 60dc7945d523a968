import type { LineInput, LineOutput } from "./input/line-source.js";

/** The standard streams: the process's own, or those of whoever runs the program inside a process of theirs. */
export type Streams = { stdin: LineInput; stdout: LineOutput; stderr: LineOutput };
