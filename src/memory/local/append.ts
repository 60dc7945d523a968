import { randomUUID } from "node:crypto";
import { statSync, truncateSync } from "node:fs";
import { crc32 } from "node:zlib";
import { openJsonLines } from "../../storage/json-lines.js";
import { lineWithSum } from "../../storage/line-sum.js";
import { dimensionMismatch, modelMismatch } from "../embedding/mismatch.js";
import type { MadeWith, StoredRecord } from "../memory.js";
import { fingerprint, recordsPath, vectorsPath } from "./files.js";
import type { Contents } from "./contents.js";
import { indexRecord } from "./record-index.js";
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
  const added: { rows: Rows; line: string }[] = [];
  let row = from;
  for (const record of records) {
    const rows = { row, rows: record.vectors.length, sums: sumsOf(record.vectors) };
    added.push({ rows, line: recordLine(rows, record) });
    row += rows.rows;
  }
  const texts = added.map(({ line }) => line);
  const lines = openJsonLines(file, { cutAt: end });
  try {
    lines.appendAll(found === null ? [lineWithSum(header), ...texts] : texts, { sync: true });
  } catch (error) {
    if (statSync(file).size > end) truncateSync(file, end);
    throw error;
  } finally {
    lines.close();
  }
  if (found !== null) {
    // Of the last line alone is asked later whether it is still there.
    for (const [place, { rows, line }] of added.entries()) {
      const sum = place === added.length - 1 ? crc32("\n", crc32(line)) : 0;
      indexRecord(index, rows, { bytes: Buffer.byteLength(line) + 1, sum });
    }
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
