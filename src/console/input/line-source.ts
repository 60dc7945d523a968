import type { Readable, Writable } from "node:stream";

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
