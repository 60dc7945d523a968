import type { FileHandle } from "node:fs/promises";
import { DamagedLineError, visitLineSpans } from "../../storage/json-lines.js";
import { readRows } from "./record-line.js";

/** For each record, by its number from 0: the offset of its line, its first row and how many rows it has. */
export type RecordIndex = {
  offsets: number[];
  firstRows: number[];
  rowCounts: number[];
  /** Where the next line and the next row go. */
  end: number;
  nextRow: number;
};

export const emptyIndex = (): RecordIndex => ({ offsets: [], firstRows: [], rowCounts: [], end: 0, nextRow: 0 });

export function indexRecord(index: RecordIndex, row: number, rows: number, lineBytes: number): void {
  index.offsets.push(index.end);
  index.firstRows.push(row);
  index.rowCounts.push(rows);
  index.end += lineBytes;
  index.nextRow = row + rows;
}

/**
 * Adds the whole lines that follow `index.end`, without decoding them. Throws DamagedLineError for a line that does not
 * begin and end as a record.
 */
export async function indexOn(handle: FileHandle, file: string, index: RecordIndex): Promise<void> {
  await visitLineSpans(handle, index.end, (bytes, start, end) => {
    const place = readRows(bytes, start, end);
    // The header is line 1.
    if (place === null || place.row < index.nextRow) throw new DamagedLineError(file, index.offsets.length + 2);
    indexRecord(index, place.row, place.rows, end - start + 1);
  });
}

/** The rows of one record. */
export const rowsOf = ({ firstRows, rowCounts }: RecordIndex, number: number): number[] =>
  Array.from({ length: rowCounts[number] ?? 0 }, (_, place) => (firstRows[number] ?? 0) + place);
