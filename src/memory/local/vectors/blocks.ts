import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { replaceFile } from "../../../base/files.js";
import { compressedBytes, compressVector } from "../../vectors/compress.js";
import { blockPath, vectorsPath } from "../files.js";
import type { Header } from "../record-line.js";
import { digitsOf, sumDigits, sumOf } from "../../../storage/line-sum.js";
import { visitVectors, type VectorsFile } from "./vectors-file.js";
import { isMissing } from "../../../base/system-error.js";

/**
 * A file of compressed rows holds exactly so many, and then their sum (see sumOf). Rows that do not fill a file are compressed whenever they are read.
 */
export const blockRows = 1024;

/**
 * Fills `bytes` with the compressed rows from `first` on, all of one block: read from its file, or made from the
 * vectors.
 */
export async function loadRows(
  folder: string,
  header: Header,
  first: number,
  rows: number,
  bytes: Uint8Array,
  sums: VectorsFile["sums"] = [],
): Promise<void> {
  const block = Math.floor(first / blockRows);
  if (rows === blockRows && visitBlock(folder, header, block, bytes, () => {})) return;
  const path = vectorsPath(folder, header.vectors);
  const numbers = Array.from({ length: rows }, (_, place) => first + place);
  visitVectors({ path, dimension: header.dimension, sums }, numbers, (row, vector) =>
    compressVector(vector, bytes, (row - first) * compressedBytes(header.dimension)),
  );
  if (rows === blockRows) await keepBlock(blockPath(folder, header.vectors, block), bytes);
}

/**
 * Writes the blocks that were filled between row `before` and row `now`, so that the next start need not compress them.
 */
export async function keepWholeBlocks(
  folder: string,
  header: Header | null,
  before: number,
  now: number,
): Promise<void> {
  if (header === null) return;
  for (let block = Math.floor(before / blockRows); block < Math.floor(now / blockRows); block += 1) {
    const bytes = new Uint8Array(blockRows * compressedBytes(header.dimension));
    await loadRows(folder, header, block * blockRows, blockRows, bytes);
  }
}

/**
 * Reads the file of a whole block piece by piece into `room`, which has space for some whole rows, and calls `visit` after each piece with
 * where it begins in the block and how many bytes it has. False where there is no such file, or it does not fit its sum: then what
 * was visited may be wrong.
 */
export function visitBlock(
  folder: string,
  header: Header,
  block: number,
  room: Uint8Array,
  visit: (from: number, bytes: number) => void,
): boolean {
  const size = blockRows * compressedBytes(header.dimension);
  let descriptor: number;
  try {
    descriptor = openSync(blockPath(folder, header.vectors, block), "r");
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  try {
    if (fstatSync(descriptor).size !== size + sumDigits) return false;
    let sum = 0;
    for (let from = 0; from < size; from += room.length) {
      const piece = room.subarray(0, Math.min(room.length, size - from));
      readWhole(descriptor, piece, from);
      sum = crc32(piece, sum);
      visit(from, piece.length);
    }
    const kept = new Uint8Array(sumDigits);
    readWhole(descriptor, kept, size);
    return Buffer.from(kept).toString("latin1") === digitsOf(sum);
  } finally {
    closeSync(descriptor);
  }
}

function readWhole(descriptor: number, target: Uint8Array, position: number): void {
  for (let [read, more] = [0, 1]; more > 0 && read < target.length; read += more) {
    more = readSync(descriptor, target, read, target.length - read, position + read);
  }
}

/** Writes a block. Failing does no harm: it is compressed again the next time. */
const keepBlock = (file: string, bytes: Uint8Array): Promise<void> =>
  replaceFile(file, Buffer.concat([bytes, Buffer.from(sumOf(bytes), "latin1")])).catch(() => {});
