import { randomUUID } from "node:crypto";
import { statSync, truncateSync } from "node:fs";
import { crc32 } from "node:zlib";
import { openJsonLines } from "../../storage/json-lines.js";
import { lineWithSum } from "../../storage/line-sum.js";
import { dimensionMismatch, modelMismatch } from "../embedding/mismatch.js";
import type { MadeWith, StoredRecord } from "../memory.js";
import { fingerprint, recordsPath, vectorsPath } from "./files.js";
import type { Contents } from "./contents.js";
import { indexRecord, type RecordIndex } from "./record-index.js";
import { recordLine, type Header, type Rows } from "./record-line.js";
import { sumsOf, writeVectors } from "./vectors/vectors-file.js";

/**
 * Appends records of one model: first their vectors, then their lines. Both are on disk when this returns; a failure
 * leaves the memory as it was. What a killed process left half-written is cut off. Called with the lock held, under
 * which `contents` was read; it has them from then on, so that they need not be read.
 */
export function appendRecords(contents: Contents, records: readonly StoredRecord[]): Appended {
  const { folder, header: old, index } = contents;
  const [first] = records;
  if (first === undefined) return { header: old, before: index.nextRow, now: index.nextRow };
  // A header without records does not decide on the model.
  const found = index.records === 0 ? null : old;
  const end = found === null ? 0 : index.end;
  const header = found ?? newHeader(first);
  refuseOthers(folder, header, records);
  const file = recordsPath(folder);
  const { dimension } = header;
  const vectors = records.flatMap((record) => record.vectors);
  const from = writeVectors({ path: vectorsPath(folder, header.vectors), dimension }, index.nextRow, vectors);
  const before = index.nextRow;
  const lines = openJsonLines(file, { cutAt: end });
  const added: { rows: Rows; lastLine: RecordIndex["lastLine"] }[] = [];
  let row = from;
  try {
    if (found === null) lines.append(lineWithSum(header));
    for (const [number, record] of records.entries()) {
      const rows = { row, rows: record.vectors.length, sums: sumsOf(record.vectors) };
      const line = recordLine(rows, record);
      lines.append(line, { sync: number === records.length - 1 });
      const bytes = Buffer.from(`${line}\n`);
      added.push({ rows, lastLine: { bytes: bytes.length, sum: crc32(bytes) } });
      row += rows.rows;
    }
  } catch (error) {
    if (statSync(file).size > end) truncateSync(file, end);
    throw error;
  } finally {
    lines.close();
  }
  if (found !== null) {
    for (const { rows, lastLine } of added) indexRecord(index, rows, lastLine);
    contents.seen = fingerprint(file);
  }
  return { header, before, now: row };
}

/** The header, and how many rows there were and are. */
export type Appended = { header: Header | null; before: number; now: number };

const newHeader = ({ embeddingModel, dimension }: StoredRecord): Header => ({
  format: 2,
  id: randomUUID(),
  vectors: randomUUID(),
  embeddingModel,
  dimension,
});

function refuseOthers(folder: string, header: Header, records: readonly StoredRecord[]): void {
  for (const { embeddingModel, dimension } of records) {
    if (embeddingModel !== header.embeddingModel) throw modelMismatch(madeWith(folder, header), embeddingModel);
    if (dimension !== header.dimension) throw dimensionMismatch(madeWith(folder, header), dimension);
  }
}

export const madeWith = (
  folder: string,
  { embeddingModel, dimension }: Pick<Header, "embeddingModel" | "dimension">,
): MadeWith => ({
  where: recordsPath(folder),
  embeddingModel,
  dimension,
});
