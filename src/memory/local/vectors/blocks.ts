import { crc32 } from "node:zlib";
import { compressedBytes, compressVector } from "../../vectors/compress.js";
import { referenceOf, type Reference } from "../../vectors/reference.js";
import { blockPath, vectorsPath } from "../files.js";
import type { Header } from "../record-line.js";
import { blockRows, hasBlock, type BlockFile, referenceIn, writeBlock, type Block } from "./block-file.js";
import { createEqualRows, type EqualRows } from "./equal-rows.js";
import { visitVectors, type VectorsFile } from "./vectors-file.js";

/** The first `count` rows of a memory's file of vectors. */
export type StoredRows = {
  folder: string;
  header: Header;
  count: number;
  sums?: VectorsFile["sums"];
  /** Of the index (see RecordIndex): with another one rows may be others. */
  generation?: number;
  /** What reads them, where some are kept. */
  visit?: typeof visitVectors;
};

/** So many rows say well enough in which direction all of a block lie. */
const sampledRows = 64;

/** Calls `visit` with the vectors of `rows` rows from `first` on, or of every `step`th of them. As visitVectors does. */
export function visitRows(
  { folder, header, sums, visit: read = visitVectors }: StoredRows,
  { first, rows, step = 1 }: { first: number; rows: number; step?: number },
  visit: (row: number, vector: Float32Array) => void,
): void {
  const file = { path: vectorsPath(folder, header.vectors), dimension: header.dimension, ...(sums && { sums }) };
  const numbers = Array.from({ length: Math.ceil(rows / step) }, (_, place) => first + place * step);
  read(file, numbers, visit);
}

/** What so many rows from `first` on have in common; or `known`, where that serves nearly as well. */
export function commonReference(
  stored: StoredRows,
  { first, rows }: { first: number; rows: number },
  known: Reference | null = null,
): Reference | null {
  const sample: Float32Array[] = [];
  const step = Math.max(1, Math.floor(rows / sampledRows));
  visitRows(stored, { first, rows, step }, (_, vector) => sample.push(vector.slice()));
  return referenceOf(sample, known);
}

/** Finds what is equal among the rows of a block. */
export const equalRowsOf = (stored: StoredRows, block: number): EqualRows =>
  createEqualRows((place) => {
    const found: Float32Array[] = [];
    visitRows(stored, { first: block * blockRows + place, rows: 1 }, (_, vector) => found.push(vector));
    return found[0] as Float32Array;
  });

/** Compresses the vectors of so many rows from `first` on into `bytes`, all of one block. Gives the length that their slack has to be made for. */
export function compressRows(
  stored: StoredRows,
  { first, rows }: { first: number; rows: number },
  reference: Reference | null,
  equal: EqualRows,
  bytes: Uint8Array,
): number {
  const rowBytes = compressedBytes(stored.header.dimension);
  let longest = 0;
  visitRows(stored, { first, rows }, (row, vector) => {
    longest = Math.max(longest, compressVector(vector, reference, bytes, (row - first) * rowBytes));
    equal.note(row % blockRows, vector);
  });
  return longest;
}

/** The file of a whole block. */
export function blockFileOf({ folder, header, sums }: StoredRows, block: number): BlockFile {
  const own = sums?.subarray(block * blockRows, (block + 1) * blockRows) ?? new Uint32Array(0);
  const rowSums = crc32(new Uint8Array(own.buffer, own.byteOffset, own.byteLength), block);
  return { path: blockPath(folder, header.vectors, block), dimension: header.dimension, rowSums };
}

/** Compresses the rows of a whole block into `bytes` and keeps them on disk. */
export async function makeBlock(given: StoredRows, block: number, bytes: Uint8Array): Promise<Block> {
  // A block lasts: it is made of what is on disk, where damage would be noticed.
  const stored = { ...given, visit: visitVectors };
  const span = { first: block * blockRows, rows: blockRows };
  const before = block === 0 ? null : referenceIn(blockFileOf(stored, block - 1));
  const reference = commonReference(stored, span, before);
  const equal = equalRowsOf(stored, block);
  const longest = compressRows(stored, span, reference, equal, bytes);
  const made = { reference, longest, firsts: equal.hasEqual() ? equal.firsts : null };
  await writeBlock(blockFileOf(stored, block), made, bytes);
  return made;
}

/** Whether rows from `before` on, up to row `now`, have filled a block. */
export const fillBlocks = (before: number, now: number): boolean =>
  Math.floor(before / blockRows) < Math.floor(now / blockRows);

/** Writes the blocks that were filled by the rows from `before` on, so that the next start need not compress them. */
export async function keepWholeBlocks(stored: StoredRows, before: number): Promise<void> {
  for (let block = Math.floor(before / blockRows); (block + 1) * blockRows <= stored.count; block += 1) {
    if (hasBlock(blockFileOf(stored, block))) continue;
    await makeBlock(stored, block, new Uint8Array(blockRows * compressedBytes(stored.header.dimension)));
  }
}
