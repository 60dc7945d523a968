import { isObject, parseJson } from "../base/json.js";
import { lookAtSum } from "../storage/line-sum.js";
import { headerStart, isSource } from "./local/record-line.js";
import type { ImportedRecord, MemorySource, StoredRecord, MemoryRecord } from "./memory.js";
import { unitVector } from "./vectors/cosine.js";

/** A record as an object of JSON; vectors are base64 of 32-bit floats, little-endian. */
export function exported(record: StoredRecord, { withVectors }: { withVectors: boolean }): object {
  const { id, text, source, time, embeddingModel, vectors } = record;
  return { id, text, source, time, ...(withVectors && { embeddingModel, vectors: vectors.map(base64) }) };
}

/** The record that an exported line holds; null for a line that holds none, or does not fit its sum. */
export const importedLine = (line: string): ImportedRecord | null =>
  lookAtSum(Buffer.from(line)) === "wrong" ? null : importedRecord(parseJson(line));

/** Whether a line is the first one of a local memory's own file, the lines of which can be imported as well. */
export const isMemoryHeader = (line: string): boolean => line.startsWith(headerStart);

/** Such an object as a line. */
export const exportedLine = (record: StoredRecord, options: { withVectors: boolean }): string =>
  JSON.stringify(exported(record, options));

/** The record that a parsed line holds; null for a line that is no exported record. */
export function importedRecord(value: unknown): ImportedRecord | null {
  if (!isObject(value)) return null;
  const { id, text, source, time, embeddingModel, vectors } = value;
  if (typeof id !== "string" || id === "" || typeof text !== "string") return null;
  if (!isSource(source) || !Number.isSafeInteger(source.step)) return null;
  if (typeof time !== "string" || Number.isNaN(Date.parse(time))) return null;
  const record = { id, text, source: plainSource(source), time: new Date(time).toISOString() };
  if (typeof embeddingModel !== "string" || !isTexts(vectors)) return record;
  return { ...record, embeddingModel, vectors: vectors.map(numbers) };
}

/** Only the fields of a source, whatever else was there. */
const plainSource = ({ run, step, kind, from, tainted }: MemorySource): MemorySource => ({
  ...{ run, step, kind },
  ...(from === undefined ? {} : { from }),
  ...(tainted === undefined ? {} : { tainted }),
});

function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}

function numbers(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

const batchLength = 64;

/** The records in batches; no id is twice in a batch. */
export async function* importedBatches(records: AsyncIterable<ImportedRecord>): AsyncGenerator<ImportedRecord[]> {
  let batch = new Map<string, ImportedRecord>();
  for await (const record of records) {
    if (batch.has(record.id) || batch.size === batchLength) {
      yield [...batch.values()];
      batch = new Map();
    }
    batch.set(record.id, record);
  }
  if (batch.size > 0) yield [...batch.values()];
}

/** The record with these vectors of this model. */
export const withVectors = (
  { id, text, source, time }: MemoryRecord,
  embeddingModel: string,
  vectors: readonly Float32Array[],
): StoredRecord => ({ id, text, source, time, embeddingModel, dimension: vectors[0]?.length ?? 0, vectors });

/**
 * The record as it can be stored, or null where it has to be embedded: its vectors have another model, or another
 * dimension (null: any will do).
 */
export function usable(record: ImportedRecord, model: string, dimension: number | null): StoredRecord | null {
  const { embeddingModel, vectors = [] } = record;
  const length = dimension ?? vectors[0]?.length ?? 0;
  if (embeddingModel !== model || length === 0 || vectors.length === 0) return null;
  if (vectors.some((vector) => vector.length !== length || !vector.every(Number.isFinite))) return null;
  return withVectors(record, model, vectors.map(unitVector));
}
