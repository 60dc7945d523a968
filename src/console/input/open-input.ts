import { openPipedInput } from "./piped-input.js";
import { openTerminalInput } from "./terminal-input.js";
import type { InputStream, OutputStream, UserInput } from "./user-input.js";

/**
 * Reads lines from a terminal with editing, from anything else as they come; lines that come early wait for their question.
 * Between questions the input is not read and does not keep the program alive. `interrupt` is called for Ctrl-C at a question.
 */
export const openUserInput = (
  input: InputStream,
  output: OutputStream,
  interrupt: () => void = raiseInterrupt,
): UserInput =>
  input.isTTY && output.isTTY ? openTerminalInput(input, output, interrupt) : openPipedInput(input, output);

/** A terminal that edits lines no longer turns Ctrl-C into a signal by itself. */
function raiseInterrupt(): void {
  if (!process.emit("SIGINT", "SIGINT")) process.kill(process.pid, "SIGINT");
}
