import { compressedBytes, compressQuery, widthOf, type QueryMeasures } from "../../vectors/compress.js";
import { blockRows, loadRows, visitBlock } from "./blocks.js";
import { createKernel, type Kernel } from "../../vectors/kernel.js";
import type { Header } from "../record-line.js";
import type { VectorsFile } from "./vectors-file.js";

/** The first `count` rows of a memory's file of vectors. */
export type StoredRows = { folder: string; header: Header; count: number; sums?: VectorsFile["sums"] };

/** The vectors of a local memory in compressed form, a quarter of their size: all that is kept of them in RAM. */
export interface CompressedRows {
  /**
   * For each row a number that its exact score against the query cannot exceed. Valid until the next call. The first call
   * reads whole blocks through a small room and keeps none: many programs ask once, and to have as much memory filled for the first
   * time takes longer than reading. The second call keeps them, as far as they are not kept.
   */
  upperBounds(stored: StoredRows, query: Float32Array): Promise<Float64Array>;
}

/** The memory of a kernel is limited (4 GiB), so rows are spread over as many kernels as they need. */
const usualBankBytes = 1 << 30;
/** So many rows are read at a time where none is kept: they stay in the processor's own memory until they are scored. */
const passingRows = 256;

type Bank = { kernel: Kernel; blocks: number };
/** Where the rows of a block are kept, and how many of them are there. */
type Slot = { bank: Bank; place: number; rows: number };

export function createCompressedRows(create: () => Kernel = createKernel, bankBytes = usualBankBytes): CompressedRows {
  let [vectors, dimension, calls] = ["", 0, 0];
  let banks: Bank[] = [];
  let slots: (Slot | undefined)[] = [];
  let bounds = new Float64Array(0);

  const startOf = ({ place }: Slot): number => layout(dimension).rows + place * blockRows * compressedBytes(dimension);

  /** A slot with room for a block. Makes room for as many blocks as are still to come at once. */
  const newSlot = (toCome: number): Slot => {
    const blockBytes = blockRows * compressedBytes(dimension);
    const most = Math.max(1, Math.floor(bankBytes / blockBytes));
    let bank = banks.at(-1);
    if (bank === undefined || bank.blocks === most) banks.push((bank = { kernel: create(), blocks: 0 }));
    bank.kernel.reserve(layout(dimension).rows + Math.min(most, bank.blocks + toCome) * blockBytes);
    bank.blocks += 1;
    return { bank, place: bank.blocks - 1, rows: 0 };
  };

  const keep = async ({ folder, header, count, sums }: StoredRows, block: number): Promise<Slot> => {
    const slot = (slots[block] ??= newSlot(Math.ceil(count / blockRows) - block));
    const rows = rowsOfBlock(count, block);
    if (slot.rows < rows) {
      const from = startOf(slot) + slot.rows * compressedBytes(dimension);
      const bytes = new Uint8Array(slot.bank.kernel.buffer, from, (rows - slot.rows) * compressedBytes(dimension));
      await loadRows(folder, header, block * blockRows + slot.rows, rows - slot.rows, bytes, sums);
      slot.rows = rows;
    }
    return slot;
  };

  return {
    async upperBounds(stored, query) {
      const { header, count } = stored;
      if (vectors !== header.vectors) {
        [vectors, dimension, calls] = [header.vectors, header.dimension, 0];
        [banks, slots] = [[], []];
      }
      if (bounds.length < count) bounds = new Float64Array(Math.ceil(count * 1.25));
      const ask = createAsked(query);
      const passing = calls === 0 && count >= blockRows ? createPassing(create(), ask) : null;
      calls += 1;
      for (let block = 0; block * blockRows < count; block += 1) {
        const found = bounds.subarray(block * blockRows, block * blockRows + rowsOfBlock(count, block));
        if (found.length === blockRows && slots[block] === undefined && passing?.(stored, block, found)) continue;
        const slot = await keep(stored, block);
        ask.scan(slot.bank.kernel, startOf(slot), found);
      }
      return bounds;
    },
  };
}

const rowsOfBlock = (count: number, block: number): number => Math.min(blockRows, count - block * blockRows);

/** The offsets of the upper bounds and of the rows in a kernel's memory; the query is at 0. */
function layout(dimension: number): { upper: number; rows: number } {
  const queryBytes = widthOf(dimension) * Int16Array.BYTES_PER_ELEMENT;
  return { upper: queryBytes, rows: queryBytes + blockRows * Float64Array.BYTES_PER_ELEMENT };
}

type Asked = { dimension: number; scan(kernel: Kernel, start: number, bounds: Float64Array): void };

/** Scores the rows that begin at `start` of a kernel's memory, one for each of the bounds. */
function createAsked(query: Float32Array): Asked {
  const dimension = query.length;
  const [width, { upper }] = [widthOf(dimension), layout(dimension)];
  const written = new Map<Kernel, QueryMeasures>();
  const measuresIn = (kernel: Kernel): QueryMeasures => {
    const known = written.get(kernel);
    if (known !== undefined) return known;
    const measures = compressQuery(query, new Int16Array(kernel.buffer, 0, width));
    written.set(kernel, measures);
    return measures;
  };
  return {
    dimension,
    scan(kernel, start, bounds) {
      const { scale, norm, error } = measuresIn(kernel);
      kernel.scan(start, bounds.length, width, 0, upper, scale, norm, error);
      bounds.set(new Float64Array(kernel.buffer, upper, bounds.length));
    },
  };
}

/** Scores the rows of a whole block while they are read; false where its file is missing or damaged. */
function createPassing(kernel: Kernel, { dimension, scan }: Asked) {
  const { rows } = layout(dimension);
  const rowBytes = compressedBytes(dimension);
  kernel.reserve(rows + passingRows * rowBytes);
  const room = new Uint8Array(kernel.buffer, rows, passingRows * rowBytes);
  return ({ folder, header }: StoredRows, block: number, bounds: Float64Array): boolean =>
    visitBlock(folder, header, block, room, (bytes, length) =>
      scan(kernel, rows, bounds.subarray(bytes / rowBytes, (bytes + length) / rowBytes)),
    );
}
