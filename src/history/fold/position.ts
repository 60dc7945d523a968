import type { JournalEvent, Step } from "../events.js";

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

/** Where a line stands, by first byte and length without the newline. */
export type Place = [at: number, length: number];

const nowhere: Place = [0, 0];

/** Follows where the steps of a journal stand, line by line; `replied`: the line of a reply whose step has not ended, where there is one. */
export function followPlaces(replied: Place = nowhere) {
  let here = nowhere;
  return {
    /** To be called with each line before what it says is followed. */
    line(event: JournalEvent, place: Place = nowhere): void {
      here = place;
      if (event.type === "model-replied" && event.purpose === "think") replied = here;
    },
    /** Where a step stands that the last line has ended. */
    ofStep: ({ outcome, reasoning }: Step, hasReply: boolean): StepPlace => [
      outcome,
      ...(hasReply ? replied : nowhere),
      ...here,
      reasoning === undefined ? 0 : 1,
    ],
    replied: (): Place => replied,
  };
}

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
  replied: Place;
  /** How much of the file of places holds for this journal, in bytes, and the CRC-32 of that; the rest of the places. */
  placed: { bytes: number; crc: number };
  unplaced: readonly StepPlace[];
  /** What the context kept of the steps, for whoever builds contexts; null where nothing is known. */
  window: unknown;
};
