import type { FileHandle } from "node:fs/promises";
import { DamagedLineError, visitLineSpans } from "../../storage/json-lines.js";
import { lookAtSum, sumDigits } from "../../storage/line-sum.js";
import { readRows, type Rows } from "./record-line.js";

/** For each record, by its number from 0: the offset of its line, its first row and how many rows it has. */
export type RecordIndex = {
  offsets: number[];
  firstRows: number[];
  rowCounts: number[];
  /** The sum of each row's vector, by row; undefined where an older version wrote it. */
  sums: (number | undefined)[];
  /** Where the next line and the next row go. */
  end: number;
  nextRow: number;
  /** How many blocks of it are on disk, or need not be (see keepWholeIndex). */
  keptBlocks: number;
};

export const emptyIndex = (): RecordIndex => ({
  offsets: [],
  firstRows: [],
  rowCounts: [],
  sums: [],
  end: 0,
  nextRow: 0,
  keptBlocks: 0,
});

export function indexRecord(index: RecordIndex, { row, rows, sums }: Rows, lineBytes: number): void {
  index.offsets.push(index.end);
  index.firstRows.push(row);
  index.rowCounts.push(rows);
  index.end += lineBytes;
  index.nextRow = row + rows;
  if (sums === undefined) return;
  for (let place = 0; place < rows; place += 1)
    index.sums[row + place] = Number.parseInt(sums.slice(place * sumDigits, (place + 1) * sumDigits), 16);
}

/**
 * Adds the whole lines that follow `index.end`, without decoding them. Throws DamagedLineError for a line that does not
 * begin and end as a record, or does not fit its sum.
 */
export async function indexOn(handle: FileHandle, file: string, index: RecordIndex): Promise<void> {
  await visitLineSpans(handle, index.end, (bytes, start, end) => {
    const place = readRows(bytes, start, end);
    // The header is line 1.
    const isDamaged = place === null || place.row < index.nextRow || lookAtSum(bytes, start, end) === "wrong";
    if (isDamaged) throw new DamagedLineError(file, index.offsets.length + 2);
    indexRecord(index, place, end - start + 1);
  });
}

/** The rows of one record. */
export const rowsOf = ({ firstRows, rowCounts }: RecordIndex, number: number): number[] =>
  Array.from({ length: rowCounts[number] ?? 0 }, (_, place) => (firstRows[number] ?? 0) + place);
