import { keepBest, type Scored } from "./best-few.js";
import type { Bounds } from "./compressed-rows.js";
import { dotProduct } from "./cosine.js";
import type { RecordIndex } from "./record-index.js";
import { visitVectors, type VectorsFile } from "./stored-vectors.js";

/**
 * Finds the records nearest to a query, exactly as if every vector had been scored: `count` records have a score of at
 * least the `count`-th highest lower bound, so a row whose upper bound is below that is in none of the best. The rows
 * that are left are scored exactly. Of a record's rows the best counts; of equal records the earlier is first.
 */
export function nearestRecords(
  file: VectorsFile,
  { firstRows, rowCounts }: RecordIndex,
  { lower, upper }: Bounds,
  query: Float32Array,
): (count: number) => Scored<number>[] {
  const exact = new Map<number, number>();
  return (count) => {
    const floor = lowestOfBest(firstRows, rowCounts, lower, count);
    const rows: number[] = [];
    const records: number[] = [];
    for (let record = 0; record < firstRows.length; record += 1) {
      const first = firstRows[record] ?? 0;
      let isCandidate = false;
      for (let row = first; row < first + (rowCounts[record] ?? 0); row += 1) {
        if ((upper[row] ?? 0) < floor) continue;
        isCandidate = true;
        if (!exact.has(row)) rows.push(row);
      }
      if (isCandidate) records.push(record);
    }
    visitVectors(file, rows, (row, vector) => exact.set(row, dotProduct(vector, query)));

    const best = keepBest(count);
    for (const record of records) best.offer(record, bestOfRows(exact, firstRows[record] ?? 0, rowCounts[record] ?? 0));
    return best.sorted();
  };
}

/** The `count`-th highest of the records' lower bounds. */
function lowestOfBest(firstRows: number[], rowCounts: number[], lower: Float64Array, count: number): number {
  const best = keepBest(count);
  let floor = best.floor();
  for (let record = 0; record < firstRows.length; record += 1) {
    const first = firstRows[record] ?? 0;
    let bound = lower[first] ?? 0;
    for (let row = first + 1; row < first + (rowCounts[record] ?? 0); row += 1)
      bound = Math.max(bound, lower[row] ?? 0);
    if (bound <= floor) continue;
    best.offer(record, bound);
    floor = best.floor();
  }
  return floor;
}

function bestOfRows(exact: ReadonlyMap<number, number>, first: number, rows: number): number {
  let best = -Infinity;
  for (let row = first; row < first + rows; row += 1) best = Math.max(best, exact.get(row) ?? -Infinity);
  return best;
}
