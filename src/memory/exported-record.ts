import type { ImportedRecord, MemorySource, StoredRecord } from "./memory.js";
import { isObject, isSource } from "./record-line.js";

/** A record as one line of JSON; vectors as base64 of 32-bit floats, lowest byte first. */
export function exportedLine(record: StoredRecord, { withVectors }: { withVectors: boolean }): string {
  const { id, text, source, time, embeddingModel, vectors } = record;
  return JSON.stringify({
    id,
    text,
    source,
    time,
    ...(withVectors && { embeddingModel, vectors: vectors.map(base64) }),
  });
}

/** Null for what is no exported record. */
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

/** Without what else may stand there. */
const plainSource = ({ run, step, kind, from }: MemorySource): MemorySource => ({
  ...{ run, step, kind },
  ...(from === undefined ? {} : { from }),
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
