import { compressedBytes, compressQuery, widthOf } from "../../vectors/compress.js";
import { blockRows, loadRows } from "./blocks.js";
import { createKernel, type Kernel } from "../../vectors/kernel.js";
import type { Header } from "../record-line.js";
import type { VectorsFile } from "./vectors-file.js";

/** The vectors of a local memory in compressed form, a quarter of their size: all that is kept of them in RAM. */
export interface CompressedRows {
  /** Loads the first `count` rows, as far as they are not loaded. */
  load(folder: string, header: Header, count: number, sums?: VectorsFile["sums"]): Promise<void>;
  /** For each row a number that its exact score against the query cannot exceed. Valid until the next call. */
  upperBounds(query: Float32Array): Float64Array;
}

/** The memory of a kernel is limited (4 GiB), so rows are spread over as many kernels as they need. */
const usualBankBytes = 1 << 30;

type Bank = { kernel: Kernel; rows: number };

export function createCompressedRows(create: () => Kernel = createKernel, bankBytes = usualBankBytes): CompressedRows {
  let [vectors, dimension, loaded] = ["", 0, 0];
  let banks: Bank[] = [];
  let bounds = new Float64Array(0);

  /** Room for the next rows of a block, or for some of them. Makes room for all `all` rows that follow at once. */
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
    async load(folder, header, count, sums) {
      if (vectors !== header.vectors) [vectors, dimension, loaded, banks] = [header.vectors, header.dimension, 0, []];
      while (loaded < count) {
        const blockEnd = (Math.floor(loaded / blockRows) + 1) * blockRows;
        const { bytes, rows } = room(Math.min(count, blockEnd) - loaded, count - loaded);
        await loadRows(folder, header, loaded, rows, bytes, sums);
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

/** The offsets of the upper bounds and of the rows in a kernel's memory; the query is at 0. */
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
