import { openPipedLines } from "./piped-lines.js";
import { openTerminalLines } from "./terminal-lines.js";
import type { LineInput, LineOutput, Lines } from "./line-source.js";

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
