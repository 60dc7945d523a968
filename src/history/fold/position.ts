import type { Step } from "../events.js";

/**
 * Where in a journal a step stands: how it ended, the line of its reply, and that of its end, by first byte and length without the
 * newline. A step without a reply has a length of 0 there. 1 at the end: the model's reasoning is kept with the reply.
 */
export type StepPlace = [
  outcome: Step["outcome"],
  repliedAt: number,
  repliedLength: number,
  endedAt: number,
  endedLength: number,
  reasoned: 0 | 1,
];

/** How far a journal was read, and what is known of it by then: what the next checkpoint goes on from. */
export type JournalPosition = {
  /** How many bytes and lines that are, and the CRC-32 of the bytes. */
  bytes: number;
  lines: number;
  crc: number;
  /** How many bytes the last checkpoint was made of; 0 where there is none. */
  written: number;
  /** The state of the fold, as a checkpoint keeps it. */
  state: string;
  /** The line of a reply whose step has not ended. */
  replied: [at: number, length: number];
  /** How much of the file of places holds for this journal, in bytes, and the CRC-32 of that; the rest of the places. */
  placed: { bytes: number; crc: number };
  unplaced: readonly StepPlace[];
  /** What the context kept of the steps, for whoever builds contexts; null where nothing is known. */
  window: unknown;
};
