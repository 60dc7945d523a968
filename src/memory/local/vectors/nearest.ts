import { keepBest, type Scored } from "../../vectors/best-few.js";
import { dotProduct } from "../../vectors/cosine.js";
import type { RecordIndex } from "../record-index.js";
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
    const unknown: number[] = [];
    for (let place = 0; place < rows.length; place += 1) {
      const row = upper.firstLike(rows[place] as number);
      if (exact.has(row)) continue;
      exact.set(row, -Infinity);
      unknown.push(row);
    }
    unknown.sort((one, other) => one - other);
    visit(file, unknown, (row, vector) => exact.set(row, dotProduct(vector, query)));
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
    scoreExactly(likely.rows);
    let floor = likely.records.length < count ? -Infinity : Infinity;
    for (const record of likely.records) floor = Math.min(floor, scoreOf(record));
    const { records, rows } = above(index, upper, floor, isLeftOut);
    scoreExactly(rows);
    const best = keepBest(count);
    for (const record of records) best.offer(record, scoreOf(record));
    return best.sorted();
  };
}

/** Records, and rows of theirs. */
type Found = { records: number[]; rows: number[] };

/** The `count` records with the highest upper bounds, and all their rows. */
function likeliest(
  index: RecordIndex,
  upper: UpperBounds,
  count: number,
  isLeftOut: (record: number) => boolean,
): Found {
  const { firstRows, rowCounts } = index;
  const { ofRows } = upper;
  const best = keepBest(count);
  let floor = best.floor();
  visitReaching(index, upper, floor, (record) => {
    const first = firstRows[record] as number;
    let bound = -Infinity;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((ofRows[row] as number) > bound) bound = ofRows[row] as number;
    }
    if (bound <= floor || isLeftOut(record)) return floor;
    best.offer(record, bound);
    return (floor = best.floor());
  });
  const found: Found = { records: [], rows: [] };
  for (const record of best.items()) {
    found.records.push(record);
    const first = firstRows[record] as number;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) found.rows.push(row);
  }
  return found;
}

/** The rows whose upper bound reaches the floor, and the records they belong to. */
function above(index: RecordIndex, upper: UpperBounds, floor: number, isLeftOut: (record: number) => boolean): Found {
  const { firstRows, rowCounts } = index;
  const { ofRows } = upper;
  const found: Found = { records: [], rows: [] };
  visitReaching(index, upper, floor, (record) => {
    if (isLeftOut(record)) return floor;
    found.records.push(record);
    const first = firstRows[record] as number;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((ofRows[row] as number) >= floor) found.rows.push(row);
    }
    return floor;
  });
  return found;
}

/**
 * Calls `visit` with each record that has a row whose bound reaches the floor, in ascending order; it gives the floor from then on. Of blocks below
 * it no row is looked at, and of rows below it no record.
 */
function visitReaching(
  index: RecordIndex,
  { ofRows, ofBlocks }: UpperBounds,
  lowest: number,
  visit: (record: number) => number,
): void {
  const { nextRow, firstRows, rowCounts } = index;
  let [floor, next, behind] = [lowest, 0, 0];
  for (let block = 0; block * blockRows < nextRow; block += 1) {
    const end = Math.min((block + 1) * blockRows, nextRow);
    next = Math.max(next, block * blockRows);
    while (next < end && !((ofBlocks[block] as number) < floor)) {
      next = firstReaching(ofRows, next, end, floor);
      if (next === end) break;
      const record = recordAt(index, next, behind);
      // Rows may be left that a killed process wrote, of no record.
      if (record === null) {
        next += 1;
        continue;
      }
      // Most records have a row each.
      const after = (firstRows[record] as number) + (rowCounts[record] as number);
      behind = after - (record + 1);
      next = after;
      floor = visit(record);
    }
  }
}

/** The first row from `from` on, before `end`, whose bound reaches the floor; `end` where there is none. */
function firstReaching(ofRows: Float64Array, from: number, end: number, floor: number): number {
  let row = from;
  while (row < end && (ofRows[row] as number) < floor) row += 1;
  return row;
}

/** The record that a row belongs to; `behind`: by how much its number is likely to be behind that of the row. */
function recordAt({ records, firstRows, rowCounts }: RecordIndex, row: number, behind: number): number | null {
  const likely = row - behind;
  if (firstRows[likely] === row && likely < records && (rowCounts[likely] as number) > 0) return likely;
  let [low, high] = [0, records - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((firstRows[middle] as number) <= row) low = middle;
    else high = middle - 1;
  }
  const first = firstRows[low] ?? Infinity;
  return row >= first && row < first + (rowCounts[low] as number) ? low : null;
}
