import { compressedBytes, compressQuery, widthOf } from "../../vectors/compress.js";
import { blockRows, loadRows } from "./blocks.js";
import { createKernel, type Kernel } from "../../vectors/kernel.js";
import type { Header } from "../record-line.js";

/** The compressed form of a memory's vectors: a quarter of their size, and all that is kept in memory of them. */
export interface CompressedRows {
  /** Sees to it that the first `count` rows of these vectors are there. */
  load(folder: string, header: Header, count: number): Promise<void>;
  /** For each row what its exact score against the query cannot exceed; valid until the next call. */
  upperBounds(query: Float32Array): Float64Array;
}

/** A kernel's memory ends at 4 GiB; there are as many kernels as it takes. */
const usualBankBytes = 1 << 30;

type Bank = { kernel: Kernel; rows: number };

export function createCompressedRows(create: () => Kernel = createKernel, bankBytes = usualBankBytes): CompressedRows {
  let [vectors, dimension, loaded] = ["", 0, 0];
  let banks: Bank[] = [];
  let bounds = new Float64Array(0);

  /** Where the next rows of a block go, and how many at most; makes room for all that are to come at once. */
  const room = (block: number, all: number): { bytes: Uint8Array; rows: number } => {
    const rowBytes = compressedBytes(dimension);
    const mostRows = Math.max(1, Math.floor(bankBytes / rowBytes / blockRows)) * blockRows;
    let bank = banks.at(-1);
    if (bank === undefined || bank.rows === mostRows) banks.push((bank = { kernel: create(), rows: 0 }));
    const wholeBlocks = Math.ceil((bank.rows + all) / blockRows) * blockRows;
    const start = layout(dimension).rows;
    bank.kernel.reserve(start + Math.min(mostRows, wholeBlocks) * rowBytes);
    const rows = Math.min(block, mostRows - bank.rows);
    return { bytes: new Uint8Array(bank.kernel.buffer, start + bank.rows * rowBytes, rows * rowBytes), rows };
  };

  return {
    async load(folder, header, count) {
      if (vectors !== header.vectors) [vectors, dimension, loaded, banks] = [header.vectors, header.dimension, 0, []];
      while (loaded < count) {
        const blockEnd = (Math.floor(loaded / blockRows) + 1) * blockRows;
        const { bytes, rows } = room(Math.min(count, blockEnd) - loaded, count - loaded);
        await loadRows(folder, header, loaded, rows, bytes);
        loaded += rows;
        (banks.at(-1) as Bank).rows += rows;
      }
    },
    upperBounds(query) {
      if (bounds.length < loaded) bounds = new Float64Array(Math.ceil(loaded * 1.25));
      let from = 0;
      for (const bank of banks) {
        scoreBank(bank, query, bounds, from);
        from += bank.rows;
      }
      return bounds;
    },
  };
}

/** Where things lie in a kernel's memory. */
function layout(dimension: number): { upper: number; rows: number } {
  const queryBytes = widthOf(dimension) * Int16Array.BYTES_PER_ELEMENT;
  return { upper: queryBytes, rows: queryBytes + blockRows * Float64Array.BYTES_PER_ELEMENT };
}

function scoreBank({ kernel, rows }: Bank, query: Float32Array, bounds: Float64Array, from: number): void {
  const width = widthOf(query.length);
  const places = layout(query.length);
  const { scale, norm, error } = compressQuery(query, new Int16Array(kernel.buffer, 0, width));
  for (let row = 0; row < rows; row += blockRows) {
    const count = Math.min(blockRows, rows - row);
    const start = places.rows + row * compressedBytes(query.length);
    kernel.scan(start, count, width, 0, places.upper, scale, norm, error);
    bounds.set(new Float64Array(kernel.buffer, places.upper, count), from + row);
  }
}
