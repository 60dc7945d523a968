import { compressedBytes } from "../../vectors/compress.js";
import { dotProduct } from "../../vectors/cosine.js";
import { createKernel, type Kernel } from "../../vectors/kernel.js";
import { createAskedQuery, layout, type AskedQuery } from "./asked-query.js";
import { blockRows } from "./block-file.js";
import { visitRows, type StoredRows } from "./blocks.js";
import { createSlots, scoreBlock, scoreKept, type Room, type Slot } from "./slots.js";

/** For each row a number that its exact score cannot exceed, and for each block of `blockRows` rows the highest of these. */
export type UpperBounds = { ofRows: Float64Array; ofBlocks: Float64Array };

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
  let bounds: UpperBounds = { ofRows: new Float64Array(0), ofBlocks: new Float64Array(0) };
  return {
    async upperBounds(stored, query) {
      const { header, count } = stored;
      if (vectors !== header.vectors) {
        [vectors, calls, slots] = [header.vectors, 0, []];
        newSlot = createSlots(header.dimension, create, bankBytes);
      }
      bounds = withRoom(bounds, count);
      const ask = createAskedQuery(query);
      const passing = calls === 0 ? createPassing(create, ask, query) : null;
      calls += 1;
      const blocks = Math.ceil(count / blockRows);
      for (let block = 0; block < blocks; block += 1) {
        const found = bounds.ofRows.subarray(block * blockRows, Math.min((block + 1) * blockRows, count));
        let highest = passing?.(stored, block, found) ?? null;
        if (highest === null) {
          const slot = (slots[block] ??= newSlot(blocks - block));
          highest = await scoreKept(slot, slots[block - 1], stored, block, ask, found);
        }
        bounds.ofBlocks[block] = highest;
      }
      return bounds;
    },
  };
}

function withRoom(bounds: UpperBounds, count: number): UpperBounds {
  if (bounds.ofRows.length >= count) return bounds;
  const blocks = Math.ceil((count * 1.25) / blockRows);
  return { ofRows: new Float64Array(blocks * blockRows), ofBlocks: new Float64Array(blocks) };
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
