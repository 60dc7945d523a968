import { createInterface } from "node:readline";
import { onAbort } from "../../base/abort.js";
import { discardPending } from "./discard-pending.js";
import { lineBreak, pasteReader } from "./paste-reader.js";
import type { InputStream, OutputStream, UserInput } from "./user-input.js";

/** Asks the terminal to mark what is pasted, and no longer to do so. */
const markPastes = "\u001b[?2004h";
const markNoPastes = "\u001b[?2004l";

type Terminal = { input: InputStream; output: OutputStream; interrupt: () => void };

/** What was entered behind an answer: whole lines, and the beginning of one. `end` ends the question that is open. */
type Entered = { lines: string[]; unfinished: string; end: (() => void) | undefined };

/**
 * Lines from a terminal, edited by readline. It is set up for each question and taken down after it, so that between
 * questions the terminal is in its ordinary mode: Ctrl-C is a signal then. What is pasted is part of one answer, with its
 * line breaks.
 */
export function openTerminalInput(input: InputStream, output: OutputStream, interrupt: () => void): UserInput {
  const terminal: Terminal = { input, output, interrupt };
  const entered: Entered = { lines: [], unfinished: "", end: undefined };
  let ended = false;
  return {
    async ask(question, signal, { fresh = false } = {}) {
      signal?.throwIfAborted();
      if (entered.end) throw new Error("A question is still open.");
      if (fresh && !ended) forget(terminal, entered);
      signal?.throwIfAborted();
      const prompt = question.slice(question.lastIndexOf("\n") + 1);
      output.write(question.slice(0, question.length - prompt.length));
      const [early] = entered.lines;
      if (early !== undefined) output.write(`${prompt}${early}\n`);
      else if (!ended) await edit(terminal, entered, prompt, signal);
      ended ||= entered.lines.length === 0;
      return entered.lines.shift() ?? null;
    },
    close() {
      ended = true;
      entered.end?.();
    },
  };
}

/** Lets the user edit until there is a line at least; what was entered behind it is kept. */
function edit(
  { input, output, interrupt }: Terminal,
  entered: Entered,
  prompt: string,
  signal?: AbortSignal,
): Promise<void> {
  const { lines } = entered;
  const keys = pasteReader(input);
  const reader = createInterface({ input: keys.stream, output, prompt, terminal: true, historySize: 0 });
  output.write(markPastes);
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => {
      reject(signal?.reason as Error);
      reader.close();
    });
    entered.end = () => reader.close();
    reader.on("SIGINT", interrupt);
    // A read that fails is an end: nobody can answer any more.
    reader.on("error", () => reader.close());
    reader.on("line", (line) => {
      lines.push(line.replaceAll(lineBreak, "\n"));
      // The rest of what came at once comes in the same turn.
      setImmediate(() => reader.close());
    });
    reader.on("close", () => {
      entered.end = undefined;
      stopListening();
      keys.close();
      entered.unfinished = reader.line;
      output.write(lines.length === 0 ? `${markNoPastes}\n` : markNoPastes);
      resolve();
    });
    reader.prompt();
    if (entered.unfinished !== "") reader.write(entered.unfinished);
  });
}

/** Forgets what was entered before a question could be seen, and says so. */
function forget({ input, output, interrupt }: Terminal, entered: Entered): void {
  const pending = discardPending(input);
  if (pending.includes("\u0003")) interrupt();
  if (entered.unfinished !== "") output.write("\n");
  if (`${entered.lines.join("")}${entered.unfinished}${pending}`.trim() !== "")
    output.write("(What was entered before this question is left out.)\n");
  entered.lines.length = 0;
  entered.unfinished = "";
}
