import { keepBest, type Scored } from "../../vectors/best-few.js";
import { dotProduct } from "../../vectors/cosine.js";
import { rowsOf, type RecordIndex } from "../record-index.js";
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
  upper: Float64Array,
  query: Float32Array,
  isLeftOut: (record: number) => boolean = () => false,
  visit: KeptRows["visit"] = visitVectors,
): (count: number) => Scored<number>[] {
  const { firstRows, rowCounts } = index;
  const exact = new Map<number, number>();
  const scoreExactly = (rows: readonly number[]): void => {
    const unknown = rows.filter((row) => !exact.has(row));
    visit(file, unknown, (row, vector) => exact.set(row, dotProduct(vector, query)));
  };
  const scoreOf = (record: number): number => {
    const first = firstRows[record] as number;
    let score = -Infinity;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      score = Math.max(score, exact.get(row) ?? -Infinity);
    }
    return score;
  };
  return (count) => {
    const likely = likeliest(index, upper, count, isLeftOut);
    scoreExactly(likely.flatMap((record) => rowsOf(index, record)).sort((one, other) => one - other));
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
  { records, firstRows, rowCounts }: RecordIndex,
  upper: Float64Array,
  count: number,
  isLeftOut: (record: number) => boolean,
): number[] {
  const best = keepBest(count);
  let floor = best.floor();
  for (let record = 0; record < records; record += 1) {
    const first = firstRows[record] as number;
    let bound = -Infinity;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((upper[row] as number) > bound) bound = upper[row] as number;
    }
    if (bound <= floor || isLeftOut(record)) continue;
    best.offer(record, bound);
    floor = best.floor();
  }
  return best.sorted().map(({ item }) => item);
}

/** The rows whose upper bound reaches the floor, and the records they belong to. */
function above(
  { records, firstRows, rowCounts }: RecordIndex,
  upper: Float64Array,
  floor: number,
  isLeftOut: (record: number) => boolean,
) {
  const found: { records: number[]; rows: number[] } = { records: [], rows: [] };
  for (let record = 0; record < records; record += 1) {
    const first = firstRows[record] as number;
    const before = found.rows.length;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((upper[row] as number) >= floor) found.rows.push(row);
    }
    if (found.rows.length === before) continue;
    if (isLeftOut(record)) found.rows.length = before;
    else found.records.push(record);
  }
  return found;
}
