import { closeSync, fstatSync, readSync, statSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { SettingsError } from "../../errors.js";
import { DamagedLineError, readTail } from "../../storage/json-lines.js";
import { holdsWholeLine, lookAtSum } from "../../storage/line-sum.js";
import type { MemoryRecord, StoredRecord } from "../memory.js";
import { fingerprint, indexPath, openExisting, recordsPath, ReplacedError, vectorsPath } from "./files.js";
import { addKeptBlocks, keepWholeIndex, sumOfLine } from "./kept-index.js";
import { emptyIndex, indexOn, lineOf, rowsOf, type RecordIndex } from "./record-index.js";
import { headerStart, isLaterFormat, lineStart, readHeader, readRecord, type Header } from "./record-line.js";
import { visitVectors } from "./vectors/vectors-file.js";
import { nullIfMissing } from "../../base/system-error.js";
import { parseJson } from "../../base/json.js";

/** What a memory's folder held when it was last read; `seen` and `ino` show whether that has changed. */
export type Contents = { folder: string; header: Header | null; index: RecordIndex; seen: string; ino: number };

export const emptyContents = (folder: string): Contents => ({
  folder,
  header: null,
  index: emptyIndex(),
  seen: "",
  ino: 0,
});

/** Another one where the numbers of records mean others. */
export const fileOf = ({ header, ino, index }: Contents): string => `${header?.id ?? ""} ${ino} ${index.generation}`;

/** The first line is shorter than this. */
const headerBytes = 16_384;

/** Which lines are looked at: those that are new since, of which no index is kept, or all of them. */
export type CheckedLines = "new-lines" | "all-lines";

/**
 * What the folder holds now. Reads on from where `before` ended, takes no lock, and leaves out a torn last line. Lines of which an index is kept are
 * not looked at, unless all of them are to be `checked`. Throws DamagedLineError for what mendRecords has to mend, and SettingsError for
 * files of a later version.
 */
export async function readContents(before: Contents, checked: CheckedLines = "new-lines"): Promise<Contents> {
  const { folder } = before;
  const file = recordsPath(folder);
  const seen = fingerprint(file);
  if (seen === "") return emptyContents(folder);
  if (seen === before.seen) return before;
  const handle = await open(file, "r").catch(nullIfMissing);
  if (handle === null) return readContents(before, checked);
  try {
    const { ino, size } = await handle.stat();
    const first = await firstLine(handle);
    if (first === null) {
      // A half-written header is a short file. This file is longer, so its first line is damaged.
      if (size >= headerBytes) throw new DamagedLineError(file, 1);
      await refuseTail(handle, file, 0, headerStart);
      return { ...emptyContents(folder), seen };
    }
    const header = currentHeader(file, first);
    const isSame = before.header?.id === header.id && before.ino === ino && size >= before.index.end;
    const goesOn = isSame && hasLastLine(handle, before.index);
    const index = goesOn ? before.index : { ...emptyIndex(), end: first.length + 1 };
    const pathOf = (block: number): string => indexPath(folder, header.id, block);
    if (checked === "new-lines") addKeptBlocks(handle, index, pathOf);
    await indexOn(handle, file, index);
    await keepWholeIndex(handle, index, pathOf);
    await refuseTail(handle, file, index.end, lineStart);
    const contents = { folder, header, index, seen, ino };
    return hasVectors(contents) ? contents : await readAgain(contents, checked);
  } finally {
    await handle.close();
  }
}

function currentHeader(file: string, first: Buffer): Header {
  if (lookAtSum(first) === "wrong") throw new DamagedLineError(file, 1);
  const value = parseJson(first.toString("utf8"));
  if (isLaterFormat(value)) {
    throw new SettingsError(
      `The memory ${file} was made by a later version of this program. Update it, or use --wipe-memory.`,
    );
  }
  const header = readHeader(value);
  if (header === null) throw new DamagedLineError(file, 1);
  return header;
}

/** The first line of a memory file, without its newline; null where it has no whole one. */
export async function firstLine(handle: FileHandle): Promise<Buffer | null> {
  const bytes = Buffer.alloc(headerBytes);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
  const end = bytes.subarray(0, bytesRead).indexOf("\n");
  return end === -1 ? null : bytes.subarray(0, end);
}

/** Throws DamagedLineError where what follows the last newline is not the beginning of a line. */
async function refuseTail(handle: FileHandle, file: string, end: number, begins: string): Promise<void> {
  if (!(await endsTorn(handle, end, begins))) throw new DamagedLineError(file, 1);
}

/**
 * Whether what follows the last newline, which is at `end` - 1, is nothing or the beginning of a line, which starts so.
 * More than a whole line means that its newline was lost.
 */
export async function endsTorn(handle: FileHandle, end: number, begins: string): Promise<boolean> {
  const tail = await readTail(handle, end);
  return begins.startsWith(tail.toString("latin1", 0, begins.length)) && !holdsWholeLine(tail);
}

/** Whether the last line that was indexed is still there: not so where a copy was put back, and went on with others. */
const hasLastLine = (handle: FileHandle, { records, end, lastLine }: RecordIndex): boolean =>
  records === 0 || sumOfLine(handle, end, lastLine.bytes) === lastLine.sum;

/** Vectors are written before their line: where some are missing, the memory was just replaced, or is damaged. */
function hasVectors({ folder, header, index }: Contents): boolean {
  if (header === null || index.nextRow === 0) return true;
  const found = statSync(vectorsPath(folder, header.vectors), { throwIfNoEntry: false });
  return found !== undefined && found.size >= index.nextRow * header.dimension * Float32Array.BYTES_PER_ELEMENT;
}

async function readAgain({ folder, seen }: Contents, checked: CheckedLines): Promise<Contents> {
  const file = recordsPath(folder);
  if (fingerprint(file) === seen) throw new DamagedLineError(file, 2);
  return readContents(emptyContents(folder), checked);
}

/**
 * The records with these numbers, in this order. Throws ReplacedError, and DamagedLineError for a line that is no
 * record, or another one than the index says.
 */
export function readRecords({ folder, index, ino }: Contents, numbers: readonly number[]): MemoryRecord[] {
  const file = recordsPath(folder);
  const descriptor = openExisting(file);
  try {
    if (fstatSync(descriptor).ino !== ino) throw new ReplacedError(`${file} is another one now.`);
    return numbers.map((number) => {
      const { start, end } = lineOf(index, number);
      const line = Buffer.alloc(end - start - 1);
      readSync(descriptor, line, 0, line.length, start);
      const record = readRecord(parseJson(line.toString("utf8")));
      const isAsSaid = record?.row === index.firstRows[number] && record?.rows === index.rowCounts[number];
      if (record === null || !isAsSaid || lookAtSum(line) === "wrong") throw new DamagedLineError(file, number + 2);
      const { id, text, source, time } = record;
      return { id, text, source, time };
    });
  } finally {
    closeSync(descriptor);
  }
}

/** How many records are read at once. */
const batch = 64;

/** All records from number `from` on, oldest first, without their vectors. */
export function* plainBatches(contents: Contents, from = 0): Generator<MemoryRecord[]> {
  for (const numbers of numberBatches(contents, from)) yield readRecords(contents, numbers);
}

/** All records with their vectors, oldest first. */
export async function* storedBatches(contents: Contents): AsyncGenerator<StoredRecord[]> {
  const { folder, header, index } = contents;
  if (header === null) return;
  const { embeddingModel, dimension } = header;
  const file = { path: vectorsPath(folder, header.vectors), dimension, sums: index.sums };
  for (const numbers of numberBatches(contents, 0)) {
    const vectors = new Map<number, Float32Array>();
    const rows = numbers.flatMap((number) => rowsOf(index, number));
    visitVectors(file, rows, (row, vector) => vectors.set(row, vector.slice()));
    yield readRecords(contents, numbers).map((record, place) => {
      const own = rowsOf(index, numbers[place] ?? 0).flatMap((row) => vectors.get(row) ?? []);
      return { ...record, embeddingModel, dimension, vectors: own };
    });
  }
}

function* numberBatches({ index }: Contents, from: number): Generator<number[]> {
  const count = index.records;
  for (let first = from; first < count; first += batch) {
    yield Array.from({ length: Math.min(batch, count - first) }, (_, place) => first + place);
  }
}
