import { commandLine } from "../../base/process/command-line.js";
import { constants } from "node:fs";
import { copyFile, open, stat, unlink } from "node:fs/promises";
import { parseJson } from "../../base/json.js";
import { nullIfMissing } from "../../base/system-error.js";
import { wholeLines } from "../../storage/json-lines.js";
import { lookAtSum } from "../../storage/line-sum.js";
import { recordsPath, vectorsPath } from "./files.js";
import type { MemoryRecord } from "../memory.js";
import { endsTorn, firstLine } from "./contents.js";
import { isLaterFormat, lineStart, readHeader, readRecord, type Header, type Rows } from "./record-line.js";
import { replaceRecords, type PlacedRecord } from "./replace.js";
import { sumsOf, visitVectors, type VectorsFile } from "./vectors/vectors-file.js";

/**
 * Makes a damaged memory readable again: keeps a copy beside it and the records that can still be read, and tells
 * `warn`. Where the first line is lost no record stays, since nothing says which model made the vectors. Called with
 * the lock held.
 */
export async function mendRecords(folder: string, warn: (message: string) => void): Promise<void> {
  const file = recordsPath(folder);
  const handle = await open(file, "r").catch(nullIfMissing);
  if (handle === null) return;
  const line = await firstLine(handle).finally(() => handle.close());
  const first = line === null || lookAtSum(line) === "wrong" ? null : parseJson(line.toString("utf8"));
  if (isLaterFormat(first)) return;
  const header = readHeader(first);
  if (header === null) {
    const copy = await keepCopy(file);
    await unlink(file);
    return warn(damaged(file, 1, copy, 0));
  }
  const vectors = { path: vectorsPath(folder, header.vectors), dimension: header.dimension };
  const fits = createVectorLook(vectors, await wholeVectorRows(folder, header));
  const { damagedLine, records } = await survey(file, fits);
  if (damagedLine === null) return;
  const copy = await keepCopy(file);
  await replaceRecords(folder, header, readableRecords(file, fits));
  warn(damaged(file, damagedLine, copy, records));
}

const damaged = (file: string, line: number, copy: string, records: number): string =>
  `The memory file ${file} is damaged in line ${line}. It was kept as ${copy}; ` +
  `${records} of its records could be read and are still remembered. "${commandLine("memory import")}" with that copy brings back ` +
  "what else can be read of it.";

async function keepCopy(file: string): Promise<string> {
  const copy = `${file}.corrupt-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  await copyFile(file, copy, constants.COPYFILE_EXCL);
  return copy;
}

/** How many whole rows the file of vectors has. */
async function wholeVectorRows(folder: string, { vectors, dimension }: Header): Promise<number> {
  const found = await stat(vectorsPath(folder, vectors)).catch(nullIfMissing);
  return dimension === 0 ? 0 : Math.floor((found?.size ?? 0) / (dimension * Float32Array.BYTES_PER_ELEMENT));
}

/** Tells whether the vectors of these rows are all there, and as they were written. */
type FitsVectors = (rows: Rows) => boolean;

const createVectorLook =
  (file: VectorsFile, vectorRows: number): FitsVectors =>
  ({ row, rows, sums }) => {
    if (row + rows > vectorRows) return false;
    const found: Float32Array[] = [];
    const numbers = Array.from({ length: rows }, (_, place) => row + place);
    if (sums !== undefined) visitVectors(file, numbers, (_row, vector) => found.push(vector.slice()));
    return sums === undefined || sumsOf(found) === sums;
  };

/** Reads one line after the other; null for one that is no record, or whose vectors are not there as they were. */
function createLineReader(fits: FitsVectors): (line: Buffer) => (MemoryRecord & Rows) | null {
  let nextRow = 0;
  return (line) => {
    const record = readRecord(parseJson(line.toString("utf8")));
    if (record === null || lookAtSum(line) === "wrong" || record.row < nextRow || !fits(record)) return null;
    nextRow = record.row + record.rows;
    return record;
  };
}

/** Where a file is damaged first, and how many records of it can be read. */
async function survey(file: string, fits: FitsVectors): Promise<{ damagedLine: number | null; records: number }> {
  const read = createLineReader(fits);
  let damagedLine: number | null = null;
  let [line, records, end] = [0, 0, 0];
  for await (const bytes of wholeLines(file)) {
    line += 1;
    end += bytes.length + 1;
    if (line === 1) continue;
    if (read(bytes) !== null) records += 1;
    else damagedLine ??= line;
  }
  const handle = await open(file, "r");
  if (!(await endsTorn(handle, end, lineStart).finally(() => handle.close()))) damagedLine ??= line + 1;
  return { damagedLine, records };
}

async function* readableRecords(file: string, fits: FitsVectors): AsyncGenerator<PlacedRecord> {
  const read = createLineReader(fits);
  let isHeader = true;
  for await (const bytes of wholeLines(file)) {
    const record = isHeader ? null : read(bytes);
    isHeader = false;
    if (record !== null) yield { rows: record, record };
  }
}
