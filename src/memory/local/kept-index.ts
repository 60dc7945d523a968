import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { replaceFile } from "../../base/files.js";
import { isOfSystem } from "../../base/system-error.js";
import { lineOf, reserveIndex, rowsOf, type RecordIndex } from "./record-index.js";

/** So many records are a block: where a block ends follows from their number alone, so that all processes write the same. */
export const indexedRecords = 4096;

/*
 * A file is little-endian numbers of 32 bits: format, records, rows, start of the lines (low, high), their bytes (low, high), first row, CRC-32 of the last line; then for
 * each record the length of its line, its first row behind that of the block, and how many rows it has; then the sum of each row; last
 * the CRC-32 of all that is before.
 */
const format = 2;
const fixedNumbers = 9;
const numberBytes = Uint32Array.BYTES_PER_ELEMENT;
const low = (number: number): number => number >>> 0;
const high = (number: number): number => Math.floor(number / 2 ** 32);

/**
 * Adds the blocks that are kept on disk and follow on what is indexed, as far as their last line is where they say: that of a memory that goes
 * on differently from there is not. No other line is read; who reads one holds it against its sum, and against what the index says of it
 * (see readRecords). `pathOf` names the file of a block by its number.
 */
export function addKeptBlocks(handle: FileHandle, index: RecordIndex, pathOf: (block: number) => string): void {
  while (index.records % indexedRecords === 0) {
    const block = blockOf(pathOf(index.records / indexedRecords));
    if (block === null) return;
    const isNext = block.start === index.end && block.firstRow >= index.nextRow;
    if (!isNext || !endsAsSaid(handle, block)) return;
    if (index.records === 0) reserveForAll(index, block, fstatSync(handle.fd).size);
    addBlock(index, block);
    index.keptBlocks += 1;
  }
}

/** Keeps the whole blocks that are not kept yet. Where that fails, the lines are looked at again the next time. */
export async function keepWholeIndex(
  handle: FileHandle,
  index: RecordIndex,
  pathOf: (block: number) => string,
): Promise<void> {
  for (; (index.keptBlocks + 1) * indexedRecords <= index.records; index.keptBlocks += 1) {
    const content = encoded(handle, index, index.keptBlocks * indexedRecords);
    if (content !== null) await replaceFile(pathOf(index.keptBlocks), content).catch(() => undefined);
  }
}

/** What a file says of its block. The last four have a number for each record, and for each row. */
type Block = {
  start: number;
  bytes: number;
  firstRow: number;
  lastLine: number;
  lengths: Uint32Array;
  rows: Uint32Array;
  counts: Uint32Array;
  sums: Uint32Array;
};

/** Null where the file is missing or damaged, or of another format. */
function blockOf(file: string): Block | null {
  const numbers = numbersOf(file);
  if (numbers === null || numbers.length < fixedNumbers) return null;
  const [sort, records, rows, startLow, startHigh, bytesLow, bytesHigh, firstRow, lastLine] = [
    ...numbers.subarray(0, fixedNumbers),
  ];
  const isWhole = numbers.length === fixedNumbers + 3 * indexedRecords + (rows as number) + 1;
  const isRight = isWhole && numbers.at(-1) === sumOfNumbers(numbers);
  if (!isRight || sort !== format || records !== indexedRecords) return null;
  const each = (part: number): Uint32Array =>
    numbers.subarray(fixedNumbers + part * indexedRecords, fixedNumbers + (part + 1) * indexedRecords);
  return {
    start: (startLow as number) + (startHigh as number) * 2 ** 32,
    bytes: (bytesLow as number) + (bytesHigh as number) * 2 ** 32,
    firstRow: firstRow as number,
    lastLine: lastLine as number,
    ...{
      lengths: each(0),
      rows: each(1),
      counts: each(2),
      sums: numbers.subarray(fixedNumbers + 3 * indexedRecords, -1),
    },
  };
}

/** The files are read into it one after the other: to have memory filled for the first time takes longer than reading into it. */
let room = new Uint32Array(0);

/** What a file holds, until the next one is read; null where it is missing, or no list of numbers. */
function numbersOf(file: string): Uint32Array | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, "r");
    const { size } = fstatSync(descriptor);
    if (size % numberBytes !== 0) return null;
    if (room.byteLength < size) room = new Uint32Array(size / numberBytes);
    const read = readSync(descriptor, room, 0, size, 0);
    return read === size ? room.subarray(0, size / numberBytes) : null;
  } catch (thrown) {
    // It only saves time.
    if (isOfSystem(thrown)) return null;
    throw thrown;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** The CRC-32 of all numbers but the last. */
const sumOfNumbers = ({ buffer, byteOffset, byteLength }: Uint32Array): number =>
  crc32(new Uint8Array(buffer, byteOffset, byteLength - numberBytes));

/** Makes room for as many records as a memory of that size has where they are like those of its first block. */
function reserveForAll(index: RecordIndex, { start, bytes, sums }: Block, size: number): void {
  const blocks = (size - start) / bytes;
  reserveIndex(index, Math.ceil(blocks * indexedRecords), Math.ceil(blocks * sums.length));
}

/**
 * Whether the last line of the block is where the block says, and the one that it was made of. It has an id and a time, so that where it is the same all lines
 * before it are.
 */
const endsAsSaid = (handle: FileHandle, { start, bytes, lengths, lastLine }: Block): boolean =>
  sumOfLine(handle, start + bytes, lengths[indexedRecords - 1] as number) === lastLine;

/** The CRC-32 of the line that ends at a byte, with its newline; null where the file ends before. */
export function sumOfLine({ fd }: FileHandle, end: number, length: number): number | null {
  const line = Buffer.alloc(length);
  return readSync(fd, line, 0, length, end - length) < length ? null : crc32(line);
}

function addBlock(index: RecordIndex, block: Block): void {
  const { start, bytes, firstRow, lastLine, lengths, rows, counts } = block;
  const first = index.records;
  const nextRow = firstRow + (rows[indexedRecords - 1] as number) + (counts[indexedRecords - 1] as number);
  reserveIndex(index, first + indexedRecords, nextRow);
  const { offsets, firstRows, rowCounts } = index;
  rowCounts.set(counts, first);
  let offset = start;
  for (let record = 0; record < indexedRecords; record += 1) {
    offsets[first + record] = offset;
    firstRows[first + record] = firstRow + (rows[record] as number);
    offset += lengths[record] as number;
  }
  addSums(index, block, nextRow);
  index.records += indexedRecords;
  [index.nextRow, index.end] = [nextRow, start + bytes];
  index.lastLine = { bytes: lengths[indexedRecords - 1] as number, sum: lastLine };
}

function addSums(index: RecordIndex, { firstRow, rows, counts, sums }: Block, nextRow: number): void {
  // Rows of no record may lie between those of two.
  if (sums.length === nextRow - firstRow) return index.sums.set(sums, firstRow);
  let at = 0;
  for (let record = 0; record < indexedRecords; record += 1) {
    const row = firstRow + (rows[record] as number);
    for (let place = row; place < row + (counts[record] as number); place += 1)
      index.sums[place] = sums[at++] as number;
  }
}

/** Null for records whose vectors have no sums: an older version wrote them. */
function encoded(handle: FileHandle, index: RecordIndex, first: number): Uint8Array | null {
  const records = Array.from({ length: indexedRecords }, (_, place) => first + place);
  const start = lineOf(index, first).start;
  const last = lineOf(index, first + indexedRecords - 1);
  const bytes = last.end - start;
  const lastLine = sumOfLine(handle, last.end, last.end - last.start);
  const blockRow = index.firstRows[first] as number;
  const sums = records.flatMap((record) => rowsOf(index, record).map((row) => index.sums[row] as number));
  if (sums.includes(0) || lastLine === null) return null;
  const numbers = Uint32Array.from([
    ...[format, indexedRecords, sums.length, low(start), high(start), low(bytes), high(bytes), blockRow, lastLine],
    ...records.map((record) => lineOf(index, record).end - lineOf(index, record).start),
    ...records.map((record) => (index.firstRows[record] as number) - blockRow),
    ...records.map((record) => index.rowCounts[record] as number),
    ...sums,
    0,
  ]);
  numbers[numbers.length - 1] = sumOfNumbers(numbers);
  return new Uint8Array(numbers.buffer);
}
