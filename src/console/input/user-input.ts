import type { Readable, Writable } from "node:stream";

/** What the user types: a line for each question, one question at a time. */
export type UserInput = {
  /**
   * Shows the question and resolves to the next line without its line end, or to null once the input has ended.
   * Rejects with the signal's reason when it is aborted. On a terminal, what was entered before a `fresh` question could be
   * seen does not answer it.
   */
  ask(question: string, signal?: AbortSignal, options?: { fresh?: boolean }): Promise<string | null>;
  /** Ends a pending question with null, and reading with it. */
  close(): void;
};
export type InputStream = Readable & {
  isTTY?: boolean;
  fd?: number;
  setRawMode?(raw: boolean): unknown;
  ref?(): void;
  unref?(): void;
};
export type OutputStream = Writable & { isTTY?: boolean };
