import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";

/**
 * How a process that has to prepare, for at most `seconds`, says that the program itself begins: with any byte on its
 * fourth stream, or where there is a `line`, with that as the first line of its error stream, which is no output then.
 */
export type Announcement = { seconds: number; line: string | null };

/** Hears the announcement; `pass` gets the error stream without it. */
export function listenForBeginning(
  child: ChildProcess,
  line: string | null,
  pass: (chunk: Buffer) => void,
  begun: () => void,
): void {
  if (line === null) {
    child.stderr?.on("data", pass);
    const announcement = child.stdio[3] as Readable;
    announcement.on("error", () => undefined);
    announcement.once("data", begun);
    announcement.resume();
    return;
  }
  let waiting: Buffer | null = Buffer.alloc(0);
  const expected = Buffer.from(`${line}\n`);
  const decide = (): void => {
    if (waiting === null || (waiting.length < expected.length && expected.indexOf(waiting) === 0)) return;
    const announced = waiting.subarray(0, expected.length).equals(expected);
    if (announced) begun();
    pass(announced ? waiting.subarray(expected.length) : waiting);
    waiting = null;
  };
  child.stderr?.on("data", (chunk: Buffer) => {
    if (waiting === null) return pass(chunk);
    waiting = Buffer.concat([waiting, chunk]);
    decide();
  });
  child.stderr?.once("end", () => waiting !== null && pass(waiting));
}
