import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { wholeLines } from "../storage/json-lines.js";
import { writeFileAtomically } from "../storage/write-file-atomically.js";
import { readHeader, readRecord, type Header } from "./record-line.js";

/**
 * Makes a damaged record file readable: a copy of it is kept beside it, and the lines that can still be read stay.
 * Returns what is to be told. Of a file whose first line is lost no record stays: nothing says which model made the
 * vectors.
 */
export async function repairRecordFile(file: string, damagedLine: number): Promise<string> {
  const backup = `${file}.corrupt-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  await copyFile(file, backup, constants.COPYFILE_EXCL);
  const kept = { records: 0 };
  await writeFileAtomically(file, readableLines(backup, kept));
  return (
    `The memory file ${file} is damaged in line ${damagedLine}. It was kept as ${backup}; ` +
    `${kept.records} of its records could be read and are still remembered.`
  );
}

async function* readableLines(file: string, kept: { records: number }): AsyncGenerator<Buffer> {
  let header: Header | null = null;
  for await (const bytes of wholeLines(file)) {
    const value = parse(bytes);
    const isFirst = header === null;
    header ??= readHeader(value);
    if (header === null) return;
    if (!isFirst && readRecord(value, header.dimension) === null) continue;
    if (!isFirst) kept.records += 1;
    yield Buffer.concat([bytes, Buffer.from("\n")]);
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
