import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { DamagedLineError, visitLineSpans } from "../../storage/json-lines.js";
import { lookAtSum, sumDigits } from "../../storage/line-sum.js";
import { readRows, type Rows } from "./record-line.js";

/**
 * Where the records of a memory are. The arrays have room for more than is there, and are others once that is used up: of a million records they
 * take 20 MB.
 */
export type RecordIndex = {
  records: number;
  /** For each record, by its number from 0: the offset of its line, its first row and how many rows it has. */
  offsets: Float64Array;
  firstRows: Uint32Array;
  rowCounts: Uint32Array;
  /** The sum of each row's vector, by row; 0 where an older version wrote it, or, for one of four thousand million, where that is its sum. */
  sums: Uint32Array;
  /** Where the next line and the next row go. */
  end: number;
  nextRow: number;
  /** The last line with its newline: how many bytes it is, and their CRC-32. Where it is another one, the memory went on differently. */
  lastLine: { bytes: number; sum: number };
  /** Another one for each index that was begun: what was made by the numbers of records and rows holds for that one only. */
  generation: number;
  /** How many blocks of it are on disk, or need not be (see keepWholeIndex). */
  keptBlocks: number;
};

let generations = 0;

export const emptyIndex = (): RecordIndex => ({
  records: 0,
  offsets: new Float64Array(0),
  firstRows: new Uint32Array(0),
  rowCounts: new Uint32Array(0),
  sums: new Uint32Array(0),
  end: 0,
  nextRow: 0,
  lastLine: { bytes: 0, sum: 0 },
  generation: ++generations,
  keptBlocks: 0,
});

/** Makes room for so many records and rows in all. */
export function reserveIndex(index: RecordIndex, records: number, rows: number): void {
  if (index.offsets.length < records) {
    const room = roomFor(records);
    index.offsets = moved(index.offsets, new Float64Array(room));
    index.firstRows = moved(index.firstRows, new Uint32Array(room));
    index.rowCounts = moved(index.rowCounts, new Uint32Array(room));
  }
  if (index.sums.length < rows) index.sums = moved(index.sums, new Uint32Array(roomFor(rows)));
}

const leastRoom = 64;
const roomFor = (count: number): number => Math.max(leastRoom, Math.ceil(count * 1.25));

function moved<Numbers extends Float64Array | Uint32Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

/** Adds a record whose line, with its newline, has so many bytes and this CRC-32. */
export function indexRecord(index: RecordIndex, { row, rows, sums }: Rows, lastLine: RecordIndex["lastLine"]): void {
  const number = index.records;
  reserveIndex(index, number + 1, row + rows);
  index.offsets[number] = index.end;
  index.firstRows[number] = row;
  index.rowCounts[number] = rows;
  index.records += 1;
  index.end += lastLine.bytes;
  index.lastLine = lastLine;
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
    if (isDamaged) throw new DamagedLineError(file, index.records + 2);
    indexRecord(index, place, { bytes: end - start + 1, sum: crc32(bytes.subarray(start, end + 1)) });
  });
}

/** Where the line of a record begins, and where the next one does. */
export const lineOf = ({ records, offsets, end }: RecordIndex, number: number): { start: number; end: number } => ({
  start: number < records ? (offsets[number] as number) : end,
  end: number + 1 < records ? (offsets[number + 1] as number) : end,
});

/** The rows of one record. */
export const rowsOf = ({ firstRows, rowCounts }: RecordIndex, number: number): number[] =>
  Array.from({ length: rowCounts[number] ?? 0 }, (_, place) => (firstRows[number] ?? 0) + place);
