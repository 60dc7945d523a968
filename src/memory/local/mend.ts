import { constants } from "node:fs";
import { copyFile, open, stat, unlink } from "node:fs/promises";
import { wholeLines } from "../../storage/json-lines.js";
import { readFirstHeader, readFirstRecord } from "./first-format.js";
import { recordsPath, vectorsPath } from "./files.js";
import type { MemoryRecord, StoredRecord } from "../memory.js";
import { firstLine, tailStart } from "./read.js";
import { isLaterFormat, lineStart, readHeader, readRecord, type Header, type Rows } from "./record-line.js";
import { replaceRecords, rewriteRecords, type Placed } from "./replace.js";
import { nullIfMissing } from "../../base/system-error.js";
import { parseJson } from "../../base/json.js";

/** How the lines of a file are read, and how the file is written anew with those that could be. */
type Format = {
  read(value: unknown): unknown;
  tail: string;
  isCurrent: boolean;
  rewrite(): Promise<void>;
};

/**
 * Makes a memory readable, called with its lock held: of a damaged one a copy is kept beside it, and the records that can
 * still be read stay; one of the first format is brought into this one. Of a file whose first line is lost no record
 * stays: nothing says which model made the vectors. What was damaged is said through `warn`.
 */
export async function mendRecords(folder: string, warn: (message: string) => void): Promise<void> {
  const file = recordsPath(folder);
  const format = await formatOf(folder, file);
  if (format === "missing" || format === "later") return;
  if (format === "unknown") {
    const copy = await keepCopy(file);
    await unlink(file);
    return warn(damaged(file, 1, copy, 0));
  }
  const { damagedLine, records } = await survey(file, format);
  if (damagedLine === null && format.isCurrent) return;
  const copy = damagedLine === null ? null : await keepCopy(file);
  await format.rewrite();
  if (damagedLine !== null && copy !== null) warn(damaged(file, damagedLine, copy, records));
}

const damaged = (file: string, line: number, copy: string, records: number): string =>
  `The memory file ${file} is damaged in line ${line}. It was kept as ${copy}; ` +
  `${records} of its records could be read and are still remembered.`;

async function keepCopy(file: string): Promise<string> {
  const copy = `${file}.corrupt-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  await copyFile(file, copy, constants.COPYFILE_EXCL);
  return copy;
}

async function formatOf(folder: string, file: string): Promise<Format | "missing" | "later" | "unknown"> {
  const handle = await open(file, "r").catch(nullIfMissing);
  if (handle === null) return "missing";
  const value = parseJson((await firstLine(handle).finally(() => handle.close())) ?? "");
  if (isLaterFormat(value)) return "later";
  const header = readHeader(value);
  if (header !== null) return currentFormat(folder, file, header, await vectorRows(folder, header));
  const first = readFirstHeader(value);
  if (first === null) return "unknown";
  const read = (line: unknown): StoredRecord | null => readFirstRecord(line, first);
  return {
    read,
    tail: '{"text":',
    isCurrent: false,
    rewrite: () => rewriteRecords(folder, first, readable(file, read)),
  };
}

/** How many rows of a memory's vectors are whole. */
async function vectorRows(folder: string, { vectors, dimension }: Header): Promise<number> {
  const found = await stat(vectorsPath(folder, vectors)).catch(nullIfMissing);
  return dimension === 0 ? 0 : Math.floor((found?.size ?? 0) / (dimension * Float32Array.BYTES_PER_ELEMENT));
}

function currentFormat(folder: string, file: string, header: Header, vectorRowsThere: number): Format {
  const reader = () => {
    let nextRow = 0;
    return (line: unknown): (MemoryRecord & Rows) | null => {
      const record = readRecord(line);
      if (record === null || record.row < nextRow || record.row + record.rows > vectorRowsThere) return null;
      nextRow = record.row + record.rows;
      return record;
    };
  };
  async function* placed(): AsyncGenerator<Placed> {
    for await (const record of readable(file, reader())) {
      yield { rows: { row: record.row, rows: record.rows }, record };
    }
  }
  return { read: reader(), tail: lineStart, isCurrent: true, rewrite: () => replaceRecords(folder, header, placed()) };
}

/** Where a file is damaged first, and how many records of it can be read. */
async function survey(file: string, format: Format): Promise<{ damagedLine: number | null; records: number }> {
  let damagedLine: number | null = null;
  let [line, records, end] = [0, 0, 0];
  for await (const bytes of wholeLines(file)) {
    line += 1;
    end += bytes.length + 1;
    if (line === 1) continue;
    if (format.read(parseJson(bytes.toString("utf8"))) !== null) records += 1;
    else damagedLine ??= line;
  }
  const handle = await open(file, "r");
  const tail = await tailStart(handle, end, format.tail.length).finally(() => handle.close());
  if (!format.tail.startsWith(tail)) damagedLine ??= line + 1;
  return { damagedLine, records };
}

async function* readable<Read>(file: string, read: (value: unknown) => Read | null): AsyncGenerator<Read> {
  let isFirst = true;
  for await (const bytes of wholeLines(file)) {
    const record = isFirst ? null : read(parseJson(bytes.toString("utf8")));
    isFirst = false;
    if (record !== null) yield record;
  }
}
