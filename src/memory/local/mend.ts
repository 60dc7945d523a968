import { constants } from "node:fs";
import { copyFile, open, stat, unlink } from "node:fs/promises";
import { parseJson } from "../../base/json.js";
import { nullIfMissing } from "../../base/system-error.js";
import { wholeLines } from "../../storage/json-lines.js";
import { recordsPath, vectorsPath } from "./files.js";
import type { MemoryRecord } from "../memory.js";
import { firstLine, tailStart } from "./contents.js";
import { isLaterFormat, lineStart, readHeader, readRecord, type Header, type Rows } from "./record-line.js";
import { replaceRecords, type PlacedRecord } from "./replace.js";

/**
 * Makes a damaged memory readable again: keeps a copy beside it and the records that can still be read, and tells
 * `warn`. Where the first line is lost no record stays, since nothing says which model made the vectors. Called with
 * the lock held.
 */
export async function mendRecords(folder: string, warn: (message: string) => void): Promise<void> {
  const file = recordsPath(folder);
  const handle = await open(file, "r").catch(nullIfMissing);
  if (handle === null) return;
  const first = parseJson((await firstLine(handle).finally(() => handle.close())) ?? "");
  if (isLaterFormat(first)) return;
  const header = readHeader(first);
  if (header === null) {
    const copy = await keepCopy(file);
    await unlink(file);
    return warn(damaged(file, 1, copy, 0));
  }
  const vectorRows = await wholeVectorRows(folder, header);
  const { damagedLine, records } = await survey(file, vectorRows);
  if (damagedLine === null) return;
  const copy = await keepCopy(file);
  await replaceRecords(folder, header, readableRecords(file, vectorRows));
  warn(damaged(file, damagedLine, copy, records));
}

const damaged = (file: string, line: number, copy: string, records: number): string =>
  `The memory file ${file} is damaged in line ${line}. It was kept as ${copy}; ` +
  `${records} of its records could be read and are still remembered.`;

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

/** Reads one line after the other; null for one that is no record, or whose vectors are not all there. */
function createLineReader(vectorRows: number): (line: Buffer) => (MemoryRecord & Rows) | null {
  let nextRow = 0;
  return (line) => {
    const record = readRecord(parseJson(line.toString("utf8")));
    if (record === null || record.row < nextRow || record.row + record.rows > vectorRows) return null;
    nextRow = record.row + record.rows;
    return record;
  };
}

/** Where a file is damaged first, and how many records of it can be read. */
async function survey(file: string, vectorRows: number): Promise<{ damagedLine: number | null; records: number }> {
  const read = createLineReader(vectorRows);
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
  const tail = await tailStart(handle, end, lineStart.length).finally(() => handle.close());
  if (!lineStart.startsWith(tail)) damagedLine ??= line + 1;
  return { damagedLine, records };
}

async function* readableRecords(file: string, vectorRows: number): AsyncGenerator<PlacedRecord> {
  const read = createLineReader(vectorRows);
  let isHeader = true;
  for await (const bytes of wholeLines(file)) {
    const record = isHeader ? null : read(bytes);
    isHeader = false;
    if (record !== null) yield { rows: { row: record.row, rows: record.rows }, record };
  }
}
