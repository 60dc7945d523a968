import type { Readable, Writable } from "node:stream";

/** What the user types: a line for each question, one question at a time. */
export type UserInput = {
  /**
   * Shows the question and resolves to the next line without its line end, or to null once the input has ended.
   * Rejects with the signal's reason when it is aborted.
   */
  ask(question: string, signal?: AbortSignal, options?: AskOptions): Promise<string | null>;
  /**
   * On a terminal, reads keys while nothing is asked: `escape` is called for that key, Ctrl-C interrupts as at a question,
   * and what is typed otherwise is left out at the next `fresh` question. Returns what ends it, which has to be called before
   * anything is asked.
   */
  listen(escape: () => void): () => void;
  /** Whether lines are edited on a terminal. */
  readonly isTerminal: boolean;
  /** Ends a pending question with null, and reading with it. */
  close(): void;
};
/** All of these concern a terminal alone. */
export type AskOptions = {
  /** What was entered before the question could be seen does not answer it, and all that comes at once is one answer. */
  fresh?: boolean;
  /** The first Ctrl-C clears the line and says that a second one ends the run. */
  confirmInterrupt?: boolean;
  /** What is typed is not shown. */
  hidden?: boolean;
  /** A text that stands in the line already. */
  prefill?: string;
};

export type InputStream = Readable & {
  isTTY?: boolean;
  fd?: number;
  setRawMode?(raw: boolean): unknown;
  ref?(): void;
  unref?(): void;
};
export type OutputStream = Writable & { isTTY?: boolean };
