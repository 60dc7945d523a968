import { join } from "node:path";
import type { FoldState } from "../fold/run-fold.js";
import type { JournalPosition } from "../fold/position.js";

/** The state of a run some time before its journal ended. It can be removed at any time: the journal has everything. */
export const checkpointFile = (runDirectory: string): string => join(runDirectory, "checkpoint.json");

/** Where each step up to there stands in the journal, a line each. */
export const placesFile = (runDirectory: string): string => join(runDirectory, "checkpoint-steps.jsonl");

/** What is written differently, or read differently, has another number. */
export const formatOfCheckpoints = 1;

/** A checkpoint as it is written, but for its sum. A version of the program uses its own alone. */
export type WrittenCheckpoint = Pick<JournalPosition, "bytes" | "lines" | "crc" | "replied" | "placed" | "window"> & {
  format: typeof formatOfCheckpoints;
  version: string;
  state: object;
};

/** The state as JSON can have it. */
export function plainState({ run, ...state }: FoldState): object {
  const { serverQuestions, heard, remembered, ...plain } = run;
  return {
    ...state,
    run: {
      ...plain,
      heard: [...heard],
      remembered: rangesOf(remembered),
      serverQuestions: { ...serverQuestions, unused: [...serverQuestions.unused] },
    },
  };
}

/** The same back, as a copy of its own. */
export function stateOf(text: string): FoldState {
  const { run, ...state } = JSON.parse(text) as Plain;
  const { serverQuestions, heard, remembered, ...plain } = run;
  return {
    ...state,
    run: {
      ...plain,
      heard: new Set(heard),
      remembered: new Set(remembered.flatMap(([first, last]) => upTo(first, last))),
      serverQuestions: { ...serverQuestions, unused: new Map(serverQuestions.unused) },
    },
  };
}

type PlainOf<Kept> = Kept extends ReadonlyMap<infer Key, infer Value> ? [Key, Value][] : never;
type Questions = FoldState["run"]["serverQuestions"];
type Plain = Omit<FoldState, "run"> & {
  run: Omit<FoldState["run"], "heard" | "remembered" | "serverQuestions"> & {
    heard: string[];
    remembered: [first: number, last: number][];
    serverQuestions: Omit<Questions, "unused"> & { unused: PlainOf<Questions["unused"]> };
  };
};

/** Numbers as ranges, in the order in which they were added. */
function rangesOf(numbers: Iterable<number>): [first: number, last: number][] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const newest = ranges.at(-1);
    if (newest?.[1] === number - 1) newest[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
