import type { ImportedRecord, MemorySource, StoredRecord } from "./memory.js";

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
  if (typeof id !== "string" || id === "" || typeof text !== "string" || !isSource(source)) return null;
  if (typeof time !== "string" || Number.isNaN(Date.parse(time))) return null;
  const record = { id, text, source, time };
  if (typeof embeddingModel !== "string" || !isTexts(vectors)) return record;
  return { ...record, embeddingModel, vectors: vectors.map(numbers) };
}

function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}

function numbers(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}

function isSource(value: unknown): value is MemorySource {
  if (!isObject(value)) return false;
  const { run, step, kind, from } = value;
  return (
    typeof run === "string" &&
    Number.isInteger(step) &&
    ["step", "page", "file", "note"].includes(String(kind)) &&
    (from === undefined || typeof from === "string")
  );
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
