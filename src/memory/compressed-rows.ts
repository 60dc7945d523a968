import { compressedBytes, compressQuery, widthOf } from "./compress-vector.js";
import { blockRows, loadRows } from "./compressed-block.js";
import { createKernel, type Kernel } from "./kernel.js";
import type { Header } from "./record-line.js";

/** What the exact score of each row lies between, both included. Valid until the next call. */
export type Bounds = { lower: Float64Array; upper: Float64Array };

/** The compressed form of a memory's vectors: a quarter of their size, and all that is kept in memory of them. */
export interface CompressedRows {
  /** Sees to it that the first `count` rows of these vectors are there. */
  load(folder: string, header: Header, count: number): Promise<void>;
  /** Scores all rows against a query of the same dimension. */
  score(query: Float32Array): Bounds;
}

/** A kernel's memory ends at 4 GiB; there are as many kernels as it takes. */
const bankBytes = 1 << 30;

type Bank = { kernel: Kernel; rows: number };

export function createCompressedRows(create: () => Kernel = createKernel): CompressedRows {
  let [vectors, dimension, loaded] = ["", 0, 0];
  let banks: Bank[] = [];
  let bounds: Bounds = { lower: new Float64Array(0), upper: new Float64Array(0) };

  /** Where the next rows go, and how many of them at most. */
  const room = (wanted: number): { bytes: Uint8Array; rows: number } => {
    const mostRows = Math.max(1, Math.floor(bankBytes / compressedBytes(dimension) / blockRows)) * blockRows;
    let bank = banks.at(-1);
    if (bank === undefined || bank.rows === mostRows) banks.push((bank = { kernel: create(), rows: 0 }));
    const rows = Math.min(wanted, mostRows - bank.rows);
    const start = layout(dimension).rows + bank.rows * compressedBytes(dimension);
    const length = rows * compressedBytes(dimension);
    bank.kernel.reserve(start + length);
    return { bytes: new Uint8Array(bank.kernel.buffer, start, length), rows };
  };

  return {
    async load(folder, header, count) {
      if (vectors !== header.vectors) [vectors, dimension, loaded, banks] = [header.vectors, header.dimension, 0, []];
      while (loaded < count) {
        const block = Math.floor(loaded / blockRows);
        const { bytes, rows } = room(Math.min(count, (block + 1) * blockRows) - loaded);
        await loadRows(folder, header, loaded, rows, bytes);
        loaded += rows;
        (banks.at(-1) as Bank).rows += rows;
      }
    },
    score(query) {
      if (bounds.lower.length < loaded) bounds = { lower: roomFor(loaded), upper: roomFor(loaded) };
      let from = 0;
      for (const bank of banks) {
        scoreBank(bank, query, bounds, from);
        from += bank.rows;
      }
      return bounds;
    },
  };
}

const roomFor = (rows: number): Float64Array => new Float64Array(Math.ceil(rows * 1.25));

/** Where things lie in a kernel's memory. */
function layout(dimension: number): { lower: number; upper: number; rows: number } {
  const queryBytes = widthOf(dimension) * Int16Array.BYTES_PER_ELEMENT;
  const boundBytes = blockRows * Float64Array.BYTES_PER_ELEMENT;
  return { lower: queryBytes, upper: queryBytes + boundBytes, rows: queryBytes + 2 * boundBytes };
}

function scoreBank({ kernel, rows }: Bank, query: Float32Array, bounds: Bounds, from: number): void {
  const width = widthOf(query.length);
  const places = layout(query.length);
  const { scale, norm, error } = compressQuery(query, new Int16Array(kernel.buffer, 0, width));
  for (let row = 0; row < rows; row += blockRows) {
    const count = Math.min(blockRows, rows - row);
    const start = places.rows + row * compressedBytes(query.length);
    kernel.scan(start, count, width, 0, places.lower, places.upper, scale, norm, error);
    bounds.lower.set(new Float64Array(kernel.buffer, places.lower, count), from + row);
    bounds.upper.set(new Float64Array(kernel.buffer, places.upper, count), from + row);
  }
}
