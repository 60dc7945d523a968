import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { onAbort } from "../../base/abort.js";
import { monotonicMs } from "../../base/stopwatch.js";
import { fittedTo } from "../streams.js";
import { discardPending } from "./discard-pending.js";
import { listenToKeys } from "./key-listener.js";
import { lineBreak, pasteReader } from "./paste-reader.js";
import { suspend } from "./suspend.js";
import type { AskOptions, InputStream, OutputStream, UserInput } from "./user-input.js";

/** Asks the terminal to mark what is pasted, and no longer to do so. */
const markPastes = "\u001b[?2004h";
const markNoPastes = "\u001b[?2004l";
/** What comes within this time of each other, in milliseconds, was pasted by a terminal that does not mark it. */
const burstMs = 25;
/** Within this time, in milliseconds, a second Ctrl-C is meant. */
const impatienceMs = 3_000;

type Terminal = { input: InputStream; output: OutputStream; interrupt: () => void };

/** What was entered behind an answer: whole lines, the beginning of one, and keys that were not shown. `end` ends the question that is open. */
type Entered = { lines: string[]; unfinished: string; unseen: string; end: (() => void) | undefined };

/**
 * Lines from a terminal, edited by readline. It is set up for each question and taken down after it, so that between
 * questions the terminal is in its ordinary mode, unless keys are listened to: Ctrl-C is a signal then. What is pasted is part of one answer, with its
 * line breaks. Ctrl-Z stops the program, and the question is drawn again when it goes on.
 */
export function openTerminalInput(input: InputStream, output: OutputStream, interrupt: () => void): UserInput {
  const terminal: Terminal = { input, output, interrupt };
  const entered: Entered = { lines: [], unfinished: "", unseen: "", end: undefined };
  let ended = false;
  let quiet = (): void => undefined;
  return {
    isTerminal: true,
    listen(escape) {
      if (ended) return () => undefined;
      quiet = listenToKeys(input, { escape, interrupt, typed: (text) => void (entered.unseen += text) });
      return quiet;
    },
    async ask(question, signal, options = {}) {
      signal?.throwIfAborted();
      if (entered.end) throw new Error("A question is still open.");
      if (options.fresh && !ended) forget(terminal, entered);
      signal?.throwIfAborted();
      const shown = fittedTo(output, question, "");
      const prompt = shown.slice(shown.lastIndexOf("\n") + 1);
      output.write(shown.slice(0, shown.length - prompt.length));
      const [early] = entered.lines;
      if (early !== undefined) output.write(`${prompt}${options.hidden ? "" : early}\n`);
      else if (!ended) await edit(terminal, entered, prompt, options, signal);
      ended ||= entered.lines.length === 0;
      return entered.lines.shift() ?? null;
    },
    close() {
      ended = true;
      quiet();
      entered.end?.();
    },
  };
}

/** Lets the user edit until there is a line at least; what was entered behind it is kept. */
function edit(
  { input, output, interrupt }: Terminal,
  entered: Entered,
  prompt: string,
  { fresh = false, confirmInterrupt = false, hidden = false, prefill = "" }: AskOptions,
  signal?: AbortSignal,
): Promise<void> {
  const keys = pasteReader(input);
  const reader = createInterface({
    input: keys.stream,
    output: hidden ? nowhere() : output,
    prompt,
    terminal: true,
    historySize: 0,
  });
  const stopDrawing = drawAgain(reader, input, output);
  output.write(hidden ? `${markPastes}${prompt}` : markPastes);
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => {
      reject(signal?.reason as Error);
      reader.close();
    });
    entered.end = () => reader.close();
    reader.on("SIGINT", confirmInterrupt ? confirmed(reader, output, interrupt) : interrupt);
    // A read that fails is an end: nobody can answer any more.
    reader.on("error", () => reader.close());
    const stopCollecting = (fresh ? collectOne : collectLines)(reader, input, entered.lines);
    reader.on("close", () => {
      entered.end = undefined;
      stopListening();
      stopDrawing();
      stopCollecting();
      keys.close();
      entered.unfinished = reader.line;
      output.write(entered.lines.length === 0 || hidden ? `${markNoPastes}\n` : markNoPastes);
      resolve();
    });
    reader.prompt();
    const before = entered.unfinished + (prefill === "" ? "" : prefill.replaceAll("\n", lineBreak));
    if (before !== "") reader.write(before);
  });
}

/** Where readline draws what is not to be seen. */
const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Each line is an answer; those that come at once answer the next questions. */
function collectLines(reader: Interface, _input: InputStream, lines: string[]): () => void {
  reader.on("line", (line) => {
    lines.push(line.replaceAll(lineBreak, "\n"));
    // The rest of what came at once comes in the same turn.
    setImmediate(() => reader.close());
  });
  return () => undefined;
}

/** All that comes at once is one answer, with its line breaks; what does not end with one is left to be edited. */
function collectOne(reader: Interface, input: InputStream, lines: string[]): () => void {
  let burst: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const take = (): void => {
    if (burst.length > 0) lines.push(burst.join("\n").replaceAll(lineBreak, "\n"));
    burst = [];
  };
  const settle = (): void => {
    if (reader.line === "") {
      take();
      return reader.close();
    }
    const joined = [...burst, reader.line].join(lineBreak);
    burst = [];
    clearLine(reader);
    reader.write(joined);
  };
  const wait = (): void => {
    clearTimeout(timer);
    if (burst.length > 0) timer = setTimeout(settle, burstMs);
  };
  reader.on("line", (line) => {
    burst.push(line);
    wait();
  });
  input.on("data", wait);
  return () => {
    clearTimeout(timer);
    input.off("data", wait);
    take();
  };
}

/** The first Ctrl-C clears the line and says what a second one does. */
function confirmed(reader: Interface, output: OutputStream, interrupt: () => void): () => void {
  let last = -Infinity;
  return () => {
    if (monotonicMs() - last < impatienceMs) return interrupt();
    last = monotonicMs();
    clearLine(reader);
    output.write("\n(Ctrl-C again ends the run.)\n");
    reader.prompt();
  };
}

function clearLine(reader: Interface): void {
  reader.write(null, { ctrl: true, name: "e" });
  reader.write(null, { ctrl: true, name: "u" });
}

/** Draws the question again whenever the program goes on after it was stopped. Returns what ends that. */
function drawAgain(reader: Interface, input: InputStream, output: OutputStream): () => void {
  let suspended = false;
  const draw = (): void => {
    suspended = false;
    // The shell has set the terminal up for itself; to set it to the mode that it is thought to be in does nothing.
    input.setRawMode?.(false);
    input.setRawMode?.(true);
    output.write(markPastes);
    reader.prompt(true);
  };
  reader.on("SIGTSTP", () => {
    input.setRawMode?.(false);
    output.write(`${markNoPastes}\n`);
    suspended = true;
    suspend(() => void (suspended && draw()));
  });
  process.on("SIGCONT", draw);
  return () => {
    suspended = false;
    process.off("SIGCONT", draw);
  };
}

/** Forgets what was entered before a question could be seen, and says so. */
function forget({ input, output, interrupt }: Terminal, entered: Entered): void {
  const pending = discardPending(input);
  if (pending.includes("\u0003")) interrupt();
  if (entered.unfinished !== "") output.write("\n");
  if (`${entered.lines.join("")}${entered.unfinished}${entered.unseen}${pending}`.trim() !== "")
    output.write("(What was entered before this question is left out.)\n");
  entered.lines.length = 0;
  entered.unfinished = "";
  entered.unseen = "";
}
