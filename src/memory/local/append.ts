import { randomUUID } from "node:crypto";
import { statSync, truncateSync } from "node:fs";
import { openJsonLines } from "../../storage/json-lines.js";
import { lineWithSum } from "../../storage/line-sum.js";
import { dimensionMismatch, modelMismatch } from "../embedding/mismatch.js";
import type { MadeWith, StoredRecord } from "../memory.js";
import { recordsPath, vectorsPath } from "./files.js";
import type { Contents } from "./contents.js";
import { recordLine, type Header } from "./record-line.js";
import { sumsOf, writeVectors } from "./vectors/vectors-file.js";

/**
 * Appends records of one model: first their vectors, then their lines. Both are on disk when this returns; a failure
 * leaves the memory as it was. What a killed process left half-written is cut off. Called with the lock held, under
 * which `contents` was read.
 */
export function appendRecords({ folder, header: old, index }: Contents, records: readonly StoredRecord[]): Appended {
  const [first] = records;
  if (first === undefined) return { header: old, before: index.nextRow, now: index.nextRow };
  // A header without records does not decide on the model.
  const found = index.offsets.length === 0 ? null : old;
  const end = found === null ? 0 : index.end;
  const header = found ?? newHeader(first);
  refuseOthers(folder, header, records);
  const file = recordsPath(folder);
  writeVectors({ path: vectorsPath(folder, header.vectors), dimension: header.dimension }, index.nextRow, [
    ...records.flatMap(({ vectors }) => vectors),
  ]);
  const lines = openJsonLines(file, { cutAt: end });
  let row = index.nextRow;
  try {
    if (found === null) lines.append(lineWithSum(header));
    for (const [number, record] of records.entries()) {
      const rows = { row, rows: record.vectors.length, sums: sumsOf(record.vectors) };
      lines.append(recordLine(rows, record), { sync: number === records.length - 1 });
      row += rows.rows;
    }
  } catch (error) {
    if (statSync(file).size > end) truncateSync(file, end);
    throw error;
  } finally {
    lines.close();
  }
  return { header, before: index.nextRow, now: row };
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
