import { keepBest, type Scored } from "../../vectors/best-few.js";
import { dotProduct } from "../../vectors/cosine.js";
import { rowsOf, type RecordIndex } from "../record-index.js";
import { visitVectors, type VectorsFile } from "./vectors-file.js";

/**
 * Finds the records nearest to a query, exactly as if every vector had been scored. The `count` records with the highest
 * upper bounds are scored exactly; the lowest of these scores is the floor: as many records reach it, so a row whose
 * upper bound is below it is in none of the best. The rows that are left are scored exactly too. Of a record's rows the
 * best counts; of equal records the earlier is first.
 */
export function nearestRecords(
  file: VectorsFile,
  index: RecordIndex,
  upper: Float64Array,
  query: Float32Array,
): (count: number) => Scored<number>[] {
  const { firstRows, rowCounts } = index;
  const exact = new Map<number, number>();
  const scoreExactly = (rows: readonly number[]): void => {
    const unknown = rows.filter((row) => !exact.has(row));
    visitVectors(file, unknown, (row, vector) => exact.set(row, dotProduct(vector, query)));
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
    const likely = likeliest(index, upper, count);
    scoreExactly(likely.flatMap((record) => rowsOf(index, record)).sort((one, other) => one - other));
    const floor = likely.reduce(
      (lowest, record) => Math.min(lowest, scoreOf(record)),
      likely.length < count ? -Infinity : Infinity,
    );
    const { records, rows } = above(index, upper, floor);
    scoreExactly(rows);
    const best = keepBest(count);
    for (const record of records) best.offer(record, scoreOf(record));
    return best.sorted();
  };
}

/** The `count` records with the highest upper bounds. */
function likeliest({ firstRows, rowCounts }: RecordIndex, upper: Float64Array, count: number): number[] {
  const best = keepBest(count);
  let floor = best.floor();
  for (let record = 0; record < firstRows.length; record += 1) {
    const first = firstRows[record] as number;
    let bound = -Infinity;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((upper[row] as number) > bound) bound = upper[row] as number;
    }
    if (bound <= floor) continue;
    best.offer(record, bound);
    floor = best.floor();
  }
  return best.sorted().map(({ item }) => item);
}

/** The rows whose upper bound is not below the floor, and the records that have such a row. */
function above({ firstRows, rowCounts }: RecordIndex, upper: Float64Array, floor: number) {
  const found: { records: number[]; rows: number[] } = { records: [], rows: [] };
  for (let record = 0; record < firstRows.length; record += 1) {
    const first = firstRows[record] as number;
    const before = found.rows.length;
    for (let row = first; row < first + (rowCounts[record] as number); row += 1) {
      if ((upper[row] as number) >= floor) found.rows.push(row);
    }
    if (found.rows.length > before) found.records.push(record);
  }
  return found;
}
