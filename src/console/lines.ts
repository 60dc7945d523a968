import type { Readable, Writable } from "node:stream";
import { openPipedLines } from "./piped-lines.js";
import { openTerminalLines } from "./terminal-lines.js";

/** Answers, a line each. One question at a time. */
export type Lines = {
  /**
   * Shows the question and resolves to the next line without its line end, or to null at the end of input, from then on always.
   * Rejects with the signal's reason when it is aborted.
   */
  ask(question: string, signal?: AbortSignal): Promise<string | null>;
  /** Ends a pending question with null, and reading with it. */
  close(): void;
};

export type LineInput = Readable & { isTTY?: boolean; ref?(): void; unref?(): void };
export type LineOutput = Writable & { isTTY?: boolean };

/**
 * Reads lines from a terminal with editing, from anything else as they come; lines that come early wait for their question.
 * Between questions the input is not read and does not keep the program alive. `interrupt` is called for Ctrl-C at a question.
 */
export const openLines = (input: LineInput, output: LineOutput, interrupt: () => void = raiseInterrupt): Lines =>
  input.isTTY && output.isTTY ? openTerminalLines(input, output, interrupt) : openPipedLines(input, output);

/** A terminal that edits lines no longer turns Ctrl-C into a signal by itself. */
function raiseInterrupt(): void {
  if (!process.emit("SIGINT", "SIGINT")) process.kill(process.pid, "SIGINT");
}
