import { compressedBytes } from "../../vectors/compress.js";
import { dotProduct } from "../../vectors/cosine.js";
import { createKernel, type Kernel } from "../../vectors/kernel.js";
import { createAskedQuery, layout, type AskedQuery } from "./asked-query.js";
import { blockRows } from "./block-file.js";
import { visitRows, type StoredRows } from "./blocks.js";
import { createSlots, scoreBlock, scoreKept, type Room, type Slot } from "./slots.js";

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
   * filled for the first time takes longer than reading. The second call keeps them, as far as they are not kept.
   */
  upperBounds(stored: StoredRows, query: Float32Array): Promise<UpperBounds>;
}

/** The memory of a kernel is limited (4 GiB), so rows are spread over as many kernels as they need. */
const usualBankBytes = 1 << 30;
/** So many rows are read at a time where none is kept: they stay in the processor's own memory until they are scored. */
const passingRows = 256;

export function createCompressedRows(create: () => Kernel = createKernel, bankBytes = usualBankBytes): CompressedRows {
  let [vectors, calls] = ["", 0];
  let newSlot = createSlots(0, create, bankBytes);
  let slots: (Slot | undefined)[] = [];
  let [ofRows, ofBlocks] = [new Float64Array(0), new Float64Array(0)];
  /** A row that belongs to no record any more has no sum, and nobody knows what it is: it stands for no other. */
  const firstLike = (row: number, sums: StoredRows["sums"]): number => {
    const place = row % blockRows;
    const firsts = slots[(row - place) / blockRows]?.firsts;
    const first = firsts ? row - place + (firsts[place] as number) : row;
    const sum = sums?.[first] ?? 0;
    return sum !== 0 && sum === sums?.[row] ? first : row;
  };
  return {
    async upperBounds(stored, query) {
      const { header, count } = stored;
      const now = `${header.vectors} ${stored.generation}`;
      if (vectors !== now) {
        [vectors, calls, slots] = [now, 0, []];
        newSlot = createSlots(header.dimension, create, bankBytes);
      }
      const blocks = Math.ceil(count / blockRows);
      if (ofBlocks.length < blocks) {
        ofBlocks = new Float64Array(Math.ceil(blocks * 1.25));
        ofRows = new Float64Array(ofBlocks.length * blockRows);
      }
      const ask = createAskedQuery(query);
      const passing = calls === 0 ? createPassing(create, ask, query) : null;
      calls += 1;
      for (let block = 0; block < blocks; block += 1) {
        const found = ofRows.subarray(block * blockRows, Math.min((block + 1) * blockRows, count));
        let highest = passing?.(stored, block, found) ?? null;
        if (highest === null) {
          const slot = (slots[block] ??= newSlot(blocks - block));
          highest = await scoreKept(slot, slots[block - 1], stored, block, ask, found);
        }
        ofBlocks[block] = highest;
      }
      return { ofRows, ofBlocks, firstLike: (row) => firstLike(row, stored.sums) };
    },
  };
}

/** Scores rows of which nothing is kept. Gives the highest bound; null for a whole block whose file is missing or damaged. */
function createPassing(create: () => Kernel, ask: AskedQuery, query: Float32Array) {
  let room: Room | undefined;
  const newRoom = (): Room => {
    const { rows: start } = layout(query.length);
    const bytes = passingRows * compressedBytes(query.length);
    const kernel = create();
    kernel.reserve(start + bytes);
    return { kernel, start, bytes };
  };
  return (stored: StoredRows, block: number, found: Float64Array): number | null => {
    if (found.length === blockRows) return scoreBlock((room ??= newRoom()), stored, block, ask, found)?.highest ?? null;
    const first = block * blockRows;
    visitRows(stored, { first, rows: found.length }, (row, vector) => {
      found[row - first] = dotProduct(vector, query);
    });
    return found.reduce((highest, score) => Math.max(highest, score), -Infinity);
  };
}
