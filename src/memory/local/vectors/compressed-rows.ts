import { dotProduct } from "../../vectors/cosine.js";
import { createKernel, type Kernel } from "../../vectors/kernel.js";
import { createAskedQuery, type AskedQuery } from "./asked-query.js";
import { blockRows } from "./block-file.js";
import { blockFileOf, visitRows, type StoredRows } from "./blocks.js";
import { createSharedScoring, type SharedScoring } from "./shared-scoring.js";
import { createRoom, createSlots, scoreBlock, scoreKept, usualBankBytes, type Room, type Slot } from "./slots.js";

export type UpperBounds = {
  /** For each row a number that its exact score cannot exceed. */
  ofRows: Float64Array;
  /** For each block of `blockRows` rows the highest of these. */
  ofBlocks: Float64Array;
  /** The first row that is known to have the same vector: the row itself, or one before it. */
  firstLike(row: number): number;
};

/** The vectors of a local memory in compressed form, a quarter of their size: all that is kept of them in RAM. */
export interface CompressedRows {
  /**
   * What the rows' exact scores against the query cannot exceed. Valid until the next call. The first call reads whole
   * blocks through a small room, scores the rows behind them exactly, and keeps none: many programs ask once, and to have as much memory
   * filled for the first time takes longer than reading. The second call keeps them, as far as they are not kept. Of a large memory another thread
   * does half.
   */
  upperBounds(stored: StoredRows, query: Float32Array): Promise<UpperBounds>;
}

/** `shared`: what another thread does; whoever made it closes it. Unless told there is no other thread. */
export type CompressedOptions = { create?: () => Kernel; bankBytes?: number; shared?: SharedScoring };

export function createCompressedRows({
  create = createKernel,
  bankBytes = usualBankBytes,
  shared = createSharedScoring({ start: () => null }),
}: CompressedOptions = {}): CompressedRows {
  let [vectors, calls] = ["", 0];
  let newSlot = createSlots(0, create, bankBytes);
  let slots: (Slot | undefined)[] = [];
  let bounds = roomForBounds(0);
  const firstsOf = (block: number): Slot["firsts"] => slots[block]?.firsts ?? shared.firstsOf(block);
  return {
    async upperBounds(stored, query) {
      const { header, count } = stored;
      const now = `${header.vectors} ${stored.generation}`;
      if (vectors !== now) {
        [vectors, calls, slots] = [now, 0, []];
        newSlot = createSlots(header.dimension, create, bankBytes);
      }
      const blocks = Math.ceil(count / blockRows);
      if (bounds.ofBlocks.length < blocks) bounds = roomForBounds(Math.ceil(blocks * 1.25));
      const { ofRows, ofBlocks } = bounds;
      const ask = createAskedQuery(query);
      const passing = calls === 0 ? createPassing(create, ask, query) : null;
      calls += 1;
      const score = async (block: number, toCome: number): Promise<void> => {
        const found = ofRows.subarray(block * blockRows, Math.min((block + 1) * blockRows, count));
        let highest = passing?.(stored, block, found) ?? null;
        if (highest === null) {
          const slot = (slots[block] ??= newSlot(toCome));
          highest = await scoreKept(slot, slots[block - 1], stored, block, ask, found);
        }
        ofBlocks[block] = highest;
      };
      let missing: number[] = [];
      const others = shared.begin({ stored, vectors, query, keeps: passing === null, ...bounds });
      try {
        for (let block = others.blocks; block < blocks; block += 1) await score(block, blocks - block);
      } finally {
        // It writes to the same bounds: it has to be done before anybody asks again.
        missing = await others.missing();
      }
      for (const [place, block] of missing.entries()) await score(block, missing.length - place);
      return { ...bounds, firstLike: (row) => firstLike(row, firstsOf, stored.sums) };
    },
  };
}

/** A row that belongs to no record any more has no sum, and nobody knows what it is: it stands for no other. */
function firstLike(row: number, firstsOf: (block: number) => Slot["firsts"], sums: StoredRows["sums"]): number {
  const place = row % blockRows;
  const firsts = firstsOf((row - place) / blockRows);
  const first = firsts ? row - place + (firsts[place] as number) : row;
  const sum = sums?.[first] ?? 0;
  return sum !== 0 && sum === sums?.[row] ? first : row;
}

/** In memory that threads can share. */
function roomForBounds(blocks: number): Pick<UpperBounds, "ofRows" | "ofBlocks"> {
  const numbers = (count: number): Float64Array =>
    new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
  return { ofRows: numbers(blocks * blockRows), ofBlocks: numbers(blocks) };
}

/** Scores rows of which nothing is kept. Gives the highest bound; null for a whole block whose file is missing or damaged. */
function createPassing(create: () => Kernel, ask: AskedQuery, query: Float32Array) {
  let room: Room | undefined;
  return (stored: StoredRows, block: number, found: Float64Array): number | null => {
    if (found.length === blockRows) {
      room ??= createRoom(query.length, create);
      return scoreBlock(room, blockFileOf(stored, block), ask, found)?.highest ?? null;
    }
    const first = block * blockRows;
    visitRows(stored, { first, rows: found.length }, (row, vector) => {
      found[row - first] = dotProduct(vector, query);
    });
    return found.reduce((highest, score) => Math.max(highest, score), -Infinity);
  };
}
