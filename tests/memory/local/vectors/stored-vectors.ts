import type { TestContext } from "node:test";
import { vectorsPath } from "../../../../src/memory/local/files.js";
import { emptyIndex, indexRecord } from "../../../../src/memory/local/record-index.js";
import type { Header } from "../../../../src/memory/local/record-line.js";
import { sumsOf, writeVectors } from "../../../../src/memory/local/vectors/vectors-file.js";
import { dotProduct, unitVector } from "../../../../src/memory/vectors/cosine.js";
import { temporaryFolder } from "../../../support/program.js";

/** These tests read no lines. */
export const line = { bytes: 1, sum: 0 };

export type Records = readonly (readonly Float32Array[])[];

/** Records with their vectors in a folder, as a memory keeps them. */
export async function stored(t: TestContext, records: Records) {
  const folder = await temporaryFolder(t);
  const dimension = records[0]?.[0]?.length ?? 0;
  const header: Header = { format: 2, id: "a", vectors: "v", embeddingModel: "m", dimension };
  const file = { path: vectorsPath(folder, "v"), dimension };
  const index = emptyIndex();
  for (const vectors of records)
    indexRecord(index, { row: index.nextRow, rows: vectors.length, sums: sumsOf(vectors) }, line);
  writeVectors(file, 0, records.flat());
  return { folder, header, file, index };
}

/** Every vector scored, everything sorted. */
export function exactly(records: Records, query: Float32Array, count: number) {
  return records
    .map((vectors, item) => ({ item, score: Math.max(...vectors.map((vector) => dotProduct(vector, query))) }))
    .sort((one, other) => other.score - one.score || one.item - other.item)
    .slice(0, count);
}

/** A random vector of length 1. */
export const random = (dimension: number): Float32Array =>
  unitVector(Float32Array.from({ length: dimension }, () => Math.random() - 0.5));
export const list = <Item>(length: number, make: (number: number) => Item): Item[] =>
  Array.from({ length }, (_, at) => make(at));
