import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { replaceFile } from "../../../base/files.js";
import { isOfSystem } from "../../../base/system-error.js";
import { compressedBytes } from "../../vectors/compress.js";
import { referenceAlong, type Reference } from "../../vectors/reference.js";
import { addToSums, noSums } from "../../vectors/row-sums.js";
import { bytesOf } from "./vectors-file.js";

/** A file of compressed rows holds exactly so many. Rows that do not fill a file are compressed whenever they are kept in memory. */
export const blockRows = 1024;

/**
 * What rows were compressed beside, and the length that their slack has to be made for (see compress.ts); and for each row the first of the block with
 * the same vector (see equal-rows.ts), or null where each has another.
 */
export type Block = { reference: Reference | null; longest: number; firsts: Uint16Array | null };

/**
 * Where a block lies, how many numbers its vectors have, and of which vectors in which place it was made: the CRC-32 of the sums of its rows, as the index
 * has them, begun with the number of the block. A file of another block, of other vectors, or of the same before some were damaged is none.
 */
export type BlockFile = { path: string; dimension: number; rowSums: number };

/** What stands before the rows: also their sums (see row-sums.ts), by which a reader knows that all of them are as they were written. */
export type BlockHead = Block & { sums: Uint32Array };

/*
 * The head is little-endian numbers of 32 bits: the CRC-32 of the rest of it, the format, the longest length (a float), what there is (1 for a reference, 2
 * for equal rows, 3 for both), the eight sums, the CRC-32 of the firsts, that of the rows' vectors (see BlockFile), and the reference as floats. Then come the rows, and the
 * firsts as numbers of 16 bits, where rows are equal.
 */
const format = 4;
const [formatAt, longestAt, partsAt, sumsAt, sumOfFirstsAt, rowSumsAt, referenceAt] = [1, 2, 3, 4, 12, 13, 14];
const [hasReference, hasFirsts] = [1, 2];
const numberBytes = 4;

const headBytes = (dimension: number): number => (referenceAt + dimension) * numberBytes;
const sumOfHead = (head: Uint32Array): number =>
  crc32(new Uint8Array(head.buffer, head.byteOffset + numberBytes, head.byteLength - numberBytes));

/** Writes a block. Failing does no harm: it is compressed again the next time. */
export async function writeBlock(
  { path, dimension, rowSums }: BlockFile,
  block: Block,
  rows: Uint8Array,
): Promise<void> {
  const head = new Uint32Array(referenceAt + dimension);
  const floats = new Float32Array(head.buffer);
  head[formatAt] = format;
  head[rowSumsAt] = rowSums;
  floats[longestAt] = block.longest;
  const sums = noSums();
  addToSums(new Uint32Array(rows.buffer, rows.byteOffset, rows.length / numberBytes), sums);
  head.set(sums, sumsAt);
  if (block.reference !== null) {
    head[partsAt] = hasReference;
    floats.set(block.reference.direction, referenceAt);
  }
  const firsts = new Uint8Array(block.firsts?.slice().buffer ?? new ArrayBuffer(0));
  if (block.firsts !== null) {
    head[partsAt] = (head[partsAt] as number) + hasFirsts;
    head[sumOfFirstsAt] = crc32(firsts);
  }
  head[0] = sumOfHead(head);
  await replaceFile(path, Buffer.concat([new Uint8Array(head.buffer), rows, firsts])).catch(() => {});
}

/**
 * Reads the file of a whole block piece by piece into `room`, which has space for some whole rows, and calls `visit` after each piece with
 * the head, where the piece begins in the rows, and how many bytes it has. Gives the head: who visits makes the sums of the rows and
 * compares them with those of the head; where they differ, what was visited is wrong. Null where there is no such file, or its
 * size or head is wrong, without a visit, and where it cannot be read.
 */
export const readBlock = (
  file: BlockFile,
  room: Uint8Array,
  visit: (head: BlockHead, from: number, bytes: number) => void,
): BlockHead | null =>
  withHead(file, (head, descriptor) => {
    const size = blockRows * compressedBytes(file.dimension);
    for (let from = 0; from < size; from += room.length) {
      const piece = room.subarray(0, Math.min(room.length, size - from));
      readWhole(descriptor, piece, headBytes(file.dimension) + from);
      visit(head, from, piece.length);
    }
    return head;
  });

/** Whether there is a block of the right size with a right head; its rows are not read. */
export const hasBlock = (file: BlockFile): boolean => withHead(file, () => true) ?? false;

/** A file only saves time: where the system does not let it be read, whatever the reason, it is as if there were none. */
function withHead<Result>(
  { path, ...file }: BlockFile,
  use: (head: BlockHead, descriptor: number) => Result,
): Result | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(path, "r");
    const head = readHead(descriptor, file);
    return head === null ? null : use(head, descriptor);
  } catch (thrown) {
    if (isOfSystem(thrown)) return null;
    throw thrown;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** The reference that a block was compressed beside; null where it has none, or there is no right head. */
export const referenceIn = (file: BlockFile): Reference | null => withHead(file, ({ reference }) => reference);

/** Heads are read into it one after the other. */
let room = new Uint32Array(0);

function readHead(descriptor: number, { dimension, rowSums }: Omit<BlockFile, "path">): BlockHead | null {
  if (room.length !== referenceAt + dimension) room = new Uint32Array(referenceAt + dimension);
  readWhole(descriptor, new Uint8Array(room.buffer), 0);
  if (room[0] !== sumOfHead(room) || room[formatAt] !== format || room[rowSumsAt] !== rowSums) return null;
  const floats = new Float32Array(room.buffer);
  const parts = room[partsAt] as number;
  const firsts = (parts & hasFirsts) === 0 ? null : new Uint16Array(blockRows);
  const end = headBytes(dimension) + blockRows * compressedBytes(dimension);
  if (fstatSync(descriptor).size !== end + (firsts?.byteLength ?? 0)) return null;
  if (firsts !== null) {
    const bytes = new Uint8Array(firsts.buffer);
    readWhole(descriptor, bytes, end);
    if (crc32(bytes) !== room[sumOfFirstsAt]) return null;
  }
  return {
    reference: (parts & hasReference) === 0 ? null : sharedReference(floats.subarray(referenceAt)),
    longest: floats[longestAt] as number,
    firsts,
    sums: room.slice(sumsAt, sumOfFirstsAt),
  };
}

/** Neighbours have for the most part the same reference, which is one object then: a query is taken apart once for all of them. */
let lastReference: Reference | null = null;

function sharedReference(direction: Float32Array): Reference {
  if (lastReference === null || !bytesOf(lastReference.direction).equals(bytesOf(direction)))
    lastReference = referenceAlong(direction.slice());
  return lastReference;
}

function readWhole(descriptor: number, target: Uint8Array, position: number): void {
  for (let [read, more] = [0, 1]; more > 0 && read < target.length; read += more) {
    more = readSync(descriptor, target, read, target.length - read, position + read);
  }
}
