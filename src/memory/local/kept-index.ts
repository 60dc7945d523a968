import { readFileSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { replaceFile } from "../../base/files.js";
import { isMissing } from "../../base/system-error.js";
import type { RecordIndex } from "./record-index.js";

/** So many records are a block: where a block ends follows from their number alone, so that all processes write the same. */
export const indexedRecords = 4096;

/** The lines of a block: where they begin, how many bytes they are, and their CRC-32. */
type Lines = { start: number; bytes: number; sum: number };

/*
 * A file is little-endian numbers of 32 bits: format, records, rows, start of the lines (low, high), their bytes (low, high), their
 * CRC-32, first row; then for each record the length of its line, its first row behind that of the block, and how many rows it has;
 * then the sum of each row; last the CRC-32 of all that is before.
 */
const format = 1;
const fixedNumbers = 9;
const numberBytes = Uint32Array.BYTES_PER_ELEMENT;
const low = (number: number): number => number >>> 0;
const high = (number: number): number => Math.floor(number / 2 ** 32);

/**
 * Adds the blocks that are kept on disk and follow on what is indexed, as far as the lines are still those they were made of: so
 * the lines are read, but none is looked at by itself. `pathOf` names the file of a block by its number.
 */
export function addKeptBlocks(handle: FileHandle, index: RecordIndex, pathOf: (block: number) => string): void {
  while (index.offsets.length % indexedRecords === 0) {
    const numbers = numbersOf(pathOf(index.offsets.length / indexedRecords));
    if (numbers === null) return;
    const lines = linesOf(numbers);
    const isNext = lines.start === index.end && (numbers[8] as number) >= index.nextRow;
    if (!isNext || sumOfLines(handle, lines) !== lines.sum) return;
    addBlock(index, numbers, lines);
    index.keptBlocks += 1;
  }
}

/** Keeps the whole blocks that are not kept yet. Where that fails, the lines are looked at again the next time. */
export async function keepWholeIndex(
  handle: FileHandle,
  index: RecordIndex,
  pathOf: (block: number) => string,
): Promise<void> {
  for (; (index.keptBlocks + 1) * indexedRecords <= index.offsets.length; index.keptBlocks += 1) {
    const first = index.keptBlocks * indexedRecords;
    const start = index.offsets[first] as number;
    const bytes = (index.offsets[first + indexedRecords] ?? index.end) - start;
    const sum = sumOfLines(handle, { start, bytes });
    const content = sum === null ? null : encoded(index, first, { start, bytes, sum });
    if (content !== null) await replaceFile(pathOf(index.keptBlocks), content).catch(() => undefined);
  }
}

/** The numbers of a file; null where it is missing or damaged. */
function numbersOf(file: string): Uint32Array | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  if (bytes.length % numberBytes !== 0 || bytes.length < fixedNumbers * numberBytes) return null;
  const numbers = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const [sort, records, rows] = numbers;
  const isWhole = numbers.length === fixedNumbers + 3 * indexedRecords + (rows as number) + 1;
  const isRight = isWhole && numbers.at(-1) === crc32(bytes.subarray(0, -numberBytes));
  return isRight && sort === format && records === indexedRecords ? numbers : null;
}

const linesOf = (numbers: Uint32Array): Lines => ({
  start: (numbers[3] as number) + (numbers[4] as number) * 2 ** 32,
  bytes: (numbers[5] as number) + (numbers[6] as number) * 2 ** 32,
  sum: numbers[7] as number,
});

function addBlock(index: RecordIndex, numbers: Uint32Array, { start, bytes }: Lines): void {
  const lengths = fixedNumbers;
  const firstRows = lengths + indexedRecords;
  const counts = firstRows + indexedRecords;
  const blockRow = numbers[8] as number;
  let [offset, sumAt] = [start, counts + indexedRecords];
  for (let record = 0; record < indexedRecords; record += 1) {
    const [row, rows] = [blockRow + (numbers[firstRows + record] as number), numbers[counts + record] as number];
    index.offsets.push(offset);
    index.firstRows.push(row);
    index.rowCounts.push(rows);
    for (let place = row; place < row + rows; place += 1) index.sums[place] = numbers[sumAt++] as number;
    offset += numbers[lengths + record] as number;
    index.nextRow = row + rows;
  }
  index.end = start + bytes;
}

/** Null for records whose vectors have no sums: an older version wrote them. */
function encoded(index: RecordIndex, first: number, { start, bytes, sum }: Lines): Uint8Array | null {
  const records = Array.from({ length: indexedRecords }, (_, place) => first + place);
  const blockRow = index.firstRows[first] as number;
  const sums = records.flatMap((record) => {
    const row = index.firstRows[record] as number;
    return index.sums.slice(row, row + (index.rowCounts[record] as number));
  });
  const rows = records.reduce((all, record) => all + (index.rowCounts[record] as number), 0);
  if (sums.length !== rows || sums.some((each) => each === undefined)) return null;
  const endOf = (record: number): number => index.offsets[record + 1] ?? index.end;
  const numbers = Uint32Array.from([
    ...[format, indexedRecords, rows, low(start), high(start), low(bytes), high(bytes), sum, blockRow],
    ...records.map((record) => endOf(record) - (index.offsets[record] as number)),
    ...records.map((record) => (index.firstRows[record] as number) - blockRow),
    ...records.map((record) => index.rowCounts[record] as number),
    ...(sums as number[]),
    0,
  ]);
  const content = new Uint8Array(numbers.buffer);
  numbers[numbers.length - 1] = crc32(content.subarray(0, -numberBytes));
  return content;
}

const pieceBytes = 1 << 18;
/** Kept: to have memory filled for the first time takes longer than reading into it. */
let room: Buffer | undefined;

/** The CRC-32 of these lines; null where the file ends before. Read at once: to wait for each piece takes longer than reading it. */
function sumOfLines({ fd }: FileHandle, { start, bytes }: Omit<Lines, "sum">): number | null {
  room ??= Buffer.allocUnsafe(pieceBytes);
  let sum = 0;
  for (let at = 0; at < bytes;) {
    const read = readSync(fd, room, 0, Math.min(room.length, bytes - at), start + at);
    if (read === 0) return null;
    sum = crc32(room.subarray(0, read), sum);
    at += read;
  }
  return sum;
}
