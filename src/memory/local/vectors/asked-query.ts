import { compressQuery, slackOf, widthOf, type QueryMeasures } from "../../vectors/compress.js";
import type { Kernel } from "../../vectors/kernel.js";
import type { Reference } from "../../vectors/reference.js";
import { noSums } from "../../vectors/row-sums.js";
import { blockRows, type Block } from "./block-file.js";

const sumsBytes = noSums().byteLength;

/** The offsets of a kernel's memory; the query is at 0. All are multiples of 8. */
export function layout(dimension: number): { sums: number; upper: number; rows: number } {
  const sums = widthOf(dimension) * Int16Array.BYTES_PER_ELEMENT;
  const upper = sums + sumsBytes;
  return { sums, upper, rows: upper + blockRows * Float64Array.BYTES_PER_ELEMENT };
}

/** A query that rows in the memory of kernels are scored against. */
export interface AskedQuery {
  /**
   * Writes the upper bounds of the rows that begin at `start` of a kernel's memory, all of one block and one for each of the bounds. Gives
   * the highest of them. Where they are `summed`, the sums of their bytes go on.
   */
  scan(kernel: Kernel, start: number, block: Block, bounds: Float64Array, summed?: "summed"): number;
  /** Begins new sums. */
  beginSums(kernel: Kernel): void;
  /** Whether the rows that were summed since have these sums. */
  fits(kernel: Kernel, sums: Uint32Array): boolean;
}

export function createAskedQuery(query: Float32Array): AskedQuery {
  const dimension = query.length;
  const [width, { sums: sumsAt, upper }] = [widthOf(dimension), layout(dimension)];
  const written = new Map<Kernel, { reference: Reference | null; measures: QueryMeasures }>();
  const measuresIn = (kernel: Kernel, reference: Reference | null): QueryMeasures => {
    const known = written.get(kernel);
    if (known !== undefined && known.reference === reference) return known.measures;
    const measures = compressQuery(query, reference, new Int16Array(kernel.buffer, 0, width));
    written.set(kernel, { reference, measures });
    return measures;
  };
  const sumsOf = ({ buffer }: Kernel): Uint32Array => new Uint32Array(buffer, sumsAt, sumsBytes / 4);
  return {
    scan(kernel, start, { reference, longest }, bounds, summed) {
      const measures = measuresIn(kernel, reference);
      const { scale, norm, error, along } = measures;
      const slack = slackOf(longest, measures);
      const count = bounds.length;
      const highest = kernel.scan(start, count, width, 0, upper, summed ? sumsAt : 0, scale, norm, error, along, slack);
      bounds.set(new Float64Array(kernel.buffer, upper, count));
      return highest;
    },
    beginSums: (kernel) => sumsOf(kernel).set(noSums()),
    fits: (kernel, sums) => sumsOf(kernel).every((sum, lane) => sum === sums[lane]),
  };
}
