import { keepBest, type Scored } from "../../vectors/best-few.js";
import { dotProduct } from "../../vectors/cosine.js";
import { rowsOf, type RecordIndex } from "../record-index.js";
import { blockRows } from "./block-file.js";
import type { UpperBounds } from "./compressed-rows.js";
import type { KeptRows } from "./kept-rows.js";
import { visitVectors, type VectorsFile } from "./vectors-file.js";

/**
 * Finds the records nearest to a query, with the same result as if every vector had been scored. First the `count`
 * records with the highest upper bounds are scored exactly. The lowest of these scores is the floor: `count` records
 * reach it, so a row whose upper bound is below it cannot be among the best. All other rows are then scored exactly. A
 * record's score is that of its best row; of equal records the earlier comes first. Records that are known to be left out count for
 * nothing.
 */
export function nearestRecords(
  file: VectorsFile,
  index: RecordIndex,
  upper: UpperBounds,
  query: Float32Array,
  isLeftOut: (record: number) => boolean = () => false,
  visit: KeptRows["visit"] = visitVectors,
): (count: number) => Scored<number>[] {
  const { firstRows, rowCounts } = index;
  /** The scores of rows; of equal ones that of the first. */
  const exact = new Map<number, number>();
  const scoreExactly = (rows: readonly number[]): void => {
    const unknown = new Set(rows.map(upper.firstLike).filter((row) => !exact.has(row)));
    const ascending = [...unknown].sort((one, other) => one - other);
    visit(file, ascending, (row, vector) => exact.set(row, dotProduct(vector, query)));
  };
  const scoreOf = (record: number): number => {
    const first = firstRows[record] as number;
    let score = -Infinity;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      score = Math.max(score, exact.get(upper.firstLike(row)) ?? -Infinity);
    }
    return score;
  };
  return (count) => {
    const likely = likeliest(index, upper, count, isLeftOut);
    scoreExactly(likely.flatMap((record) => rowsOf(index, record)));
    const floor = likely.reduce(
      (lowest, record) => Math.min(lowest, scoreOf(record)),
      likely.length < count ? -Infinity : Infinity,
    );
    const { records, rows } = above(index, upper, floor, isLeftOut);
    scoreExactly(rows);
    const best = keepBest(count);
    for (const record of records) best.offer(record, scoreOf(record));
    return best.sorted();
  };
}

/** The `count` records with the highest upper bounds. */
function likeliest(
  index: RecordIndex,
  { ofRows, ofBlocks }: UpperBounds,
  count: number,
  isLeftOut: (record: number) => boolean,
): number[] {
  const { records, firstRows, rowCounts } = index;
  const best = keepBest(count);
  let floor = best.floor();
  const next = (record: number): number => nextReaching(index, ofBlocks, record, floor);
  for (let record = next(0); record < records; record = next(record + 1)) {
    const first = firstRows[record] as number;
    let bound = -Infinity;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((ofRows[row] as number) > bound) bound = ofRows[row] as number;
    }
    if (bound <= floor || isLeftOut(record)) continue;
    best.offer(record, bound);
    floor = best.floor();
  }
  return best.sorted().map(({ item }) => item);
}

/** The rows whose upper bound reaches the floor, and the records they belong to. */
function above(
  index: RecordIndex,
  { ofRows, ofBlocks }: UpperBounds,
  floor: number,
  isLeftOut: (record: number) => boolean,
) {
  const { records, firstRows, rowCounts } = index;
  const found: { records: number[]; rows: number[] } = { records: [], rows: [] };
  const next = (record: number): number => nextReaching(index, ofBlocks, record, floor);
  for (let record = next(0); record < records; record = next(record + 1)) {
    const first = firstRows[record] as number;
    const before = found.rows.length;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((ofRows[row] as number) >= floor) found.rows.push(row);
    }
    if (found.rows.length === before) continue;
    if (isLeftOut(record)) found.rows.length = before;
    else found.records.push(record);
  }
  return found;
}

/** The first record from `from` on that may have a row whose bound reaches the floor; without a look at the rows of blocks that have none. */
function nextReaching(index: RecordIndex, ofBlocks: Float64Array, from: number, floor: number): number {
  const { records, firstRows, nextRow } = index;
  if (from >= records) return records;
  let block = Math.floor((firstRows[from] as number) / blockRows);
  if (!((ofBlocks[block] as number) < floor)) return from;
  const blocks = Math.ceil(nextRow / blockRows);
  while (block < blocks && (ofBlocks[block] as number) < floor) block += 1;
  return block < blocks ? Math.max(from, recordBefore(index, block * blockRows)) : records;
}

/** The last record that begins at this row or before it, or the first record. */
function recordBefore({ records, firstRows }: RecordIndex, row: number): number {
  let [low, high] = [0, records - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((firstRows[middle] as number) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
