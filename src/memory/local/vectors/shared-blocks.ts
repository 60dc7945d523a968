import type { Kernel } from "../../vectors/kernel.js";
import { createAskedQuery, type AskedQuery } from "./asked-query.js";
import { blockRows, type Block, type BlockFile } from "./block-file.js";
import { createRoom, createSlots, scoreBlock, usualBankBytes, type Room, type Slot } from "./slots.js";

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
export type HeldBlocks = {
  create: () => Kernel;
  vectors: string;
  slots: Map<number, Slot>;
  newSlot: ReturnType<typeof createSlots>;
  room: Room | null;
};

export const noBlocks = (create: () => Kernel): HeldBlocks => ({
  create,
  vectors: "",
  slots: new Map(),
  newSlot: createSlots(0, create, usualBankBytes),
  room: null,
});

/** Writes the bounds that are asked for. */
export function answerBlocks(held: HeldBlocks, asked: AskedBlocks): AnsweredBlocks {
  const { query, files, ofBlocks } = asked;
  if (held.vectors !== asked.vectors)
    Object.assign(held, noBlocks(held.create), {
      vectors: asked.vectors,
      newSlot: createSlots(query.length, held.create, usualBankBytes),
    });
  const ask = createAskedQuery(query);
  const answer: AnsweredBlocks = { missing: [], firsts: [] };
  for (const [block, slot] of held.slots)
    ofBlocks[block] = ask.scan(slot.kernel, slot.start, slot, boundsOf(asked, block));
  for (const [place, { block, file }] of files.entries()) {
    const found = boundsOf(asked, block);
    const read = asked.keeps ? keep(held, block, file, ask, found, files.length - place) : pass(held, file, ask, found);
    if (read === null) answer.missing.push(block);
    else ofBlocks[block] = read.highest;
    if (asked.keeps && read !== null && read.firsts !== null) answer.firsts.push([block, read.firsts]);
  }
  if (asked.keeps) held.room = null;
  return answer;
}

const boundsOf = ({ ofRows }: AskedBlocks, block: number): Float64Array =>
  ofRows.subarray(block * blockRows, (block + 1) * blockRows);

type Scored = Block & { highest: number };

function keep(
  held: HeldBlocks,
  block: number,
  file: BlockFile,
  ask: AskedQuery,
  found: Float64Array,
  toCome: number,
): Scored | null {
  const slot = held.newSlot(toCome);
  const read = scoreBlock(slot, file, ask, found);
  if (read === null) return null;
  const { reference, longest, firsts } = read;
  held.slots.set(block, Object.assign(slot, { reference, longest, firsts, rows: blockRows }));
  return read;
}

const pass = (held: HeldBlocks, file: BlockFile, ask: AskedQuery, found: Float64Array): Scored | null =>
  scoreBlock((held.room ??= createRoom(file.dimension, held.create)), file, ask, found);
