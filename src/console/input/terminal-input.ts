import { createInterface } from "node:readline";
import { onAbort } from "../../base/abort.js";
import { discardPending } from "./discard-pending.js";
import { lineBreak, pasteReader } from "./paste-reader.js";
import type { InputStream, OutputStream, UserInput } from "./user-input.js";

/** Asks the terminal to mark what is pasted, and no longer to do so. */
const markPastes = "\u001b[?2004h";
const markNoPastes = "\u001b[?2004l";

/**
 * Lines from a terminal, edited by readline. It is set up for each question and taken down after it, so that between
 * questions the terminal is in its ordinary mode: Ctrl-C is a signal then. What is pasted is part of one answer, with its
 * line breaks.
 */
export function openTerminalInput(input: InputStream, output: OutputStream, interrupt: () => void): UserInput {
  const lines: string[] = [];
  let unfinished = "";
  let ended = false;
  let endQuestion: (() => void) | undefined;

  /** Lets the user edit until there is a line at least; what was entered behind it is kept. */
  function edit(prompt: string, signal: AbortSignal | undefined): Promise<void> {
    const keys = pasteReader(input);
    const reader = createInterface({ input: keys.stream, output, prompt, terminal: true, historySize: 0 });
    output.write(markPastes);
    return new Promise((resolve, reject) => {
      const stopListening = onAbort(signal, () => {
        reject(signal?.reason as Error);
        reader.close();
      });
      endQuestion = () => reader.close();
      reader.on("SIGINT", interrupt);
      // A read that fails is an end: nobody can answer any more.
      reader.on("error", () => reader.close());
      reader.on("line", (line) => {
        lines.push(line.replaceAll(lineBreak, "\n"));
        // The rest of what came at once comes in the same turn.
        setImmediate(() => reader.close());
      });
      reader.on("close", () => {
        endQuestion = undefined;
        stopListening();
        keys.close();
        unfinished = reader.line;
        output.write(lines.length === 0 ? `${markNoPastes}\n` : markNoPastes);
        resolve();
      });
      reader.prompt();
      if (unfinished !== "") reader.write(unfinished);
    });
  }

  /** Forgets what was entered before the question could be seen, and says so. */
  function forget(): void {
    const pending = discardPending(input);
    if (pending.includes("\u0003")) interrupt();
    if (lines.length > 0 || unfinished.trim() !== "" || pending.trim() !== "")
      output.write("(What was entered before this question is left out.)\n");
    lines.length = 0;
    unfinished = "";
  }

  return {
    async ask(question, signal, { fresh = false } = {}) {
      signal?.throwIfAborted();
      if (endQuestion) throw new Error("A question is still open.");
      if (fresh && !ended) forget();
      signal?.throwIfAborted();
      const prompt = question.slice(question.lastIndexOf("\n") + 1);
      output.write(question.slice(0, question.length - prompt.length));
      const [early] = lines;
      if (early !== undefined) output.write(`${prompt}${early}\n`);
      else if (!ended) await edit(prompt, signal);
      ended ||= lines.length === 0;
      return lines.shift() ?? null;
    },
    close() {
      ended = true;
      endQuestion?.();
    },
  };
}
