import { createKernel } from "../../vectors/kernel.js";
import { createAskedQuery, type AskedQuery } from "./asked-query.js";
import { blockRows, type BlockFile } from "./block-file.js";
import { createRoom, createSlots, fillSlot, scoreBlock, usualBankBytes, type Room, type Slot } from "./slots.js";

/** What another thread is asked: the bounds of all blocks that it keeps, and of those whose files it is given. */
export type AskedBlocks = {
  query: Float32Array;
  /** With another name all that is kept is forgotten: it belongs to other vectors. */
  vectors: string;
  files: readonly { block: number; file: BlockFile }[];
  /** Whether the blocks of these files are kept. */
  keeps: boolean;
  /** Both in memory that the threads share: the bounds of all rows, and the highest of each block. */
  ofRows: Float64Array;
  ofBlocks: Float64Array;
};

export type AnsweredBlocks = {
  /** Blocks whose file is missing or damaged: nothing is known of them. */
  missing: number[];
  /** Of the blocks that are kept from now on, where rows are equal, the first of each (see Block). */
  firsts: [block: number, firsts: Uint16Array][];
};

/** What a thread keeps between two questions. */
type Held = {
  vectors: string;
  slots: Map<number, Slot>;
  newSlot: ReturnType<typeof createSlots>;
  /** Where blocks pass that are not kept. */
  room: Room | null;
};

const nothingOf = (vectors: string, dimension: number): Held => ({
  vectors,
  slots: new Map(),
  newSlot: createSlots(dimension, createKernel, usualBankBytes),
  room: null,
});

/** Answers one question after the other: writes the bounds that are asked for, and keeps what is to be kept. */
export function createAnswering(): (asked: AskedBlocks) => AnsweredBlocks {
  let held = nothingOf("", 0);
  return (asked) => {
    const { query, vectors, files, keeps, ofRows, ofBlocks } = asked;
    if (held.vectors !== vectors) held = nothingOf(vectors, query.length);
    const ask = createAskedQuery(query);
    const boundsOf = (block: number): Float64Array => ofRows.subarray(block * blockRows, (block + 1) * blockRows);
    const answer: AnsweredBlocks = { missing: [], firsts: [] };
    for (const [block, slot] of held.slots) ofBlocks[block] = ask.scan(slot.kernel, slot.start, slot, boundsOf(block));
    for (const [place, { block, file }] of files.entries()) {
      const slot = keeps ? held.newSlot(files.length - place) : null;
      const found = boundsOf(block);
      const highest = slot === null ? pass(held, file, ask, found) : fillSlot(slot, file, ask, found);
      if (highest === null) {
        answer.missing.push(block);
        continue;
      }
      ofBlocks[block] = highest;
      if (slot === null) continue;
      held.slots.set(block, slot);
      if (slot.firsts !== null) answer.firsts.push([block, slot.firsts]);
    }
    if (keeps) held.room = null;
    return answer;
  };
}

/** Scores a block that is not kept. Gives the highest bound; null where there is no right file. */
function pass(held: Held, file: BlockFile, ask: AskedQuery, found: Float64Array): number | null {
  held.room ??= createRoom(file.dimension, createKernel);
  return scoreBlock(held.room, file, ask, found)?.highest ?? null;
}
