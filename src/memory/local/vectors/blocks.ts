import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { replaceFile } from "../../../base/files.js";
import { compressedBytes, compressVector } from "../../vectors/compress.js";
import { blockPath, vectorsPath } from "../files.js";
import type { Header } from "../record-line.js";
import { sumDigits, sumOf } from "../../../storage/line-sum.js";
import { visitVectors, type VectorsFile } from "./vectors-file.js";
import { isMissing } from "../../../base/system-error.js";

/**
 * A file of compressed rows holds exactly so many, and then their sum (see sumOf). Rows that do not fill a file are compressed whenever they are read.
 */
export const blockRows = 4096;

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
  const file = blockPath(folder, header.vectors, Math.floor(first / blockRows));
  if (rows === blockRows && readBlock(file, bytes)) return;
  const path = vectorsPath(folder, header.vectors);
  const numbers = Array.from({ length: rows }, (_, place) => first + place);
  visitVectors({ path, dimension: header.dimension, sums }, numbers, (row, vector) =>
    compressVector(vector, bytes, (row - first) * compressedBytes(header.dimension)),
  );
  if (rows === blockRows) await keepBlock(file, bytes);
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

function readBlock(file: string, bytes: Uint8Array): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  try {
    if (fstatSync(descriptor).size !== bytes.length + sumDigits) return false;
    const sum = new Uint8Array(sumDigits);
    readWhole(descriptor, bytes, 0);
    readWhole(descriptor, sum, bytes.length);
    return Buffer.from(sum).toString("latin1") === sumOf(bytes);
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
async function keepBlock(file: string, bytes: Uint8Array): Promise<void> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield bytes.slice();
    yield Buffer.from(sumOf(bytes), "latin1");
  }
  await replaceFile(file, chunks()).catch(() => {});
}
