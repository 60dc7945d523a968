import { createInterface } from "node:readline";
import { onAbort } from "../../base/abort.js";
import type { InputStream, OutputStream, UserInput } from "./user-input.js";

/**
 * Lines from a terminal, edited by readline. It is set up for each question and taken down after it, so that between
 * questions the terminal is in its ordinary mode: Ctrl-C is a signal then.
 */
export function openTerminalInput(input: InputStream, output: OutputStream, interrupt: () => void): UserInput {
  const lines: string[] = [];
  let unfinished = "";
  let ended = false;
  let endQuestion: (() => void) | undefined;

  /** Lets the user edit until there is a line at least; what was pasted behind it is kept. */
  function edit(prompt: string, signal: AbortSignal | undefined): Promise<void> {
    const reader = createInterface({ input, output, prompt, terminal: true, historySize: 0 });
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
        lines.push(line);
        // The rest of what was pasted comes in the same turn.
        setImmediate(() => reader.close());
      });
      reader.on("close", () => {
        endQuestion = undefined;
        stopListening();
        unfinished = reader.line;
        if (lines.length === 0) output.write("\n");
        resolve();
      });
      reader.prompt();
      if (unfinished !== "") reader.write(unfinished);
    });
  }

  return {
    async ask(question, signal) {
      signal?.throwIfAborted();
      if (endQuestion) throw new Error("A question is still open.");
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
