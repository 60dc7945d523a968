import { closeSync, constants, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { DamagedLineError, wrongSum } from "../../../storage/json-lines.js";
import { sumOf } from "../../../storage/line-sum.js";
import { draftPath, openExisting, vectorsPath } from "../files.js";
import type { Rows } from "../record-line.js";

/** How many bytes are read or written at once. */
const runBytes = 1 << 20;
const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/** A file of rows of 32-bit floats, little-endian. It only grows. */
export type VectorsFile = {
  path: string;
  dimension: number;
  /** The sum of each row, by row; 0 where it is not known. */
  sums?: Uint32Array;
};

/** The sums of these vectors, one behind the other. */
export const sumsOf = (vectors: readonly Float32Array[]): string =>
  vectors.map((vector) => sumOf(bytesOf(vector))).join("");

/**
 * Calls `visit` with the vector of each row. The rows are in ascending order; neighbours are read together. The array
 * is reused after `visit`. Throws ReplacedError where the file is gone, and DamagedLineError for a vector that does not
 * fit its sum.
 */
export function visitVectors(
  { path, dimension, sums }: VectorsFile,
  rows: readonly number[],
  visit: (row: number, vector: Float32Array) => void,
): void {
  if (rows.length === 0) return;
  const descriptor = openExisting(path);
  try {
    const most = Math.max(1, Math.floor(runBytes / (dimension * floatBytes)));
    const run = new Float32Array(Math.min(most, rows.length) * dimension);
    for (let from = 0, to = 0; from < rows.length; from = to) {
      const first = rows[from] ?? 0;
      for (to = from + 1; to - from < most && rows[to] === first + to - from;) to += 1;
      readWhole(descriptor, run.subarray(0, (to - from) * dimension), first * dimension * floatBytes, path);
      for (let place = from; place < to; place += 1) {
        const vector = run.subarray((place - from) * dimension, (place - from + 1) * dimension);
        const row = first + place - from;
        const sum = sums?.[row] ?? 0;
        if (sum !== 0 && crc32(bytesOf(vector)) !== sum) throw new DamagedLineError(path, row + 1, wrongSum);
        visit(row, vector);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function readWhole(descriptor: number, target: Float32Array, position: number, path: string): void {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let read = 0; read < bytes.length;) {
    const more = readSync(descriptor, bytes, read, bytes.length - read, position + read);
    if (more === 0)
      throw new DamagedLineError(path, Math.floor(position / target.byteLength) + 1, "is not there any more");
    read += more;
  }
}

/**
 * Writes vectors behind all that the file has, and from row `row` on at the earliest; gives the row of the first. They are on disk when this
 * returns. No row is written twice, also where it belongs to no record any more: others may have kept what was made of it.
 */
export function writeVectors({ path, dimension }: VectorsFile, row: number, vectors: readonly Float32Array[]): number {
  if (vectors.length === 0) return row;
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const bytes = joined(vectors);
    const free = Math.max(row, Math.ceil(fstatSync(descriptor).size / (dimension * floatBytes)));
    const start = free * dimension * floatBytes;
    for (let written = 0; written < bytes.length;) {
      written += writeSync(descriptor, bytes, written, bytes.length - written, start + written);
    }
    fdatasyncSync(descriptor);
    return free;
  } finally {
    closeSync(descriptor);
  }
}

/** The bytes of a vector, which are not copied. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const joined = (vectors: readonly Float32Array[]): Buffer => Buffer.concat(vectors.map(bytesOf));

/** A file of vectors that is being written and belongs to no memory yet. */
export interface VectorsDraft {
  /** Adds the vectors of one record and resolves to their rows. */
  add(vectors: readonly Float32Array[]): Promise<Rows>;
  /** Brings the file to disk and gives it its name in that folder. */
  finish(folder: string, vectors: string): Promise<void>;
  discard(): Promise<void>;
}

export async function draftVectors(folder: string): Promise<VectorsDraft> {
  const path = draftPath(folder);
  const handle = await open(path, "wx", 0o600);
  let waiting: Float32Array[] = [];
  let [row, waitingBytes] = [0, 0];
  const flush = async (): Promise<void> => {
    await handle.writeFile(joined(waiting));
    waiting = [];
    waitingBytes = 0;
  };
  return {
    async add(vectors) {
      const rows = { row, rows: vectors.length, sums: sumsOf(vectors) };
      row += vectors.length;
      waiting.push(...vectors);
      waitingBytes += vectors.reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (waitingBytes >= runBytes) await flush();
      return rows;
    },
    async finish(into, vectors) {
      await flush();
      await handle.sync();
      await handle.close();
      await rename(path, vectorsPath(into, vectors));
    },
    async discard() {
      await handle.close().catch(() => {});
      await unlink(path).catch(() => {});
    },
  };
}
