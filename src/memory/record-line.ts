import type { MemoryRecord, MemorySource } from "./memory.js";

/** The first line of a memory file; `id` tells a new file from an older one of the same name. */
export type Header = { format: 1; id: string; embeddingModel: string; dimension: number };

/** A record with the unit vectors of its pieces. */
export type StoredRecord = MemoryRecord & { vectors: readonly Float32Array[] };

/** Null for what is no header of this format. */
export function readHeader(value: unknown): Header | null {
  if (!isObject(value)) return null;
  const { format, id, embeddingModel, dimension } = value;
  if (format !== 1 || typeof id !== "string" || typeof embeddingModel !== "string") return null;
  return Number.isInteger(dimension) ? { format, id, embeddingModel, dimension: Number(dimension) } : null;
}

/** Whether a first line was written by a later version, whose records cannot be judged here. */
export const isLaterFormat = (value: unknown): boolean =>
  isObject(value) && typeof value.format === "number" && value.format > 1;

/** The line of a record: vectors as base64 of 32-bit floats, lowest byte first. */
export const recordLine = ({ text, source, time, vectors }: StoredRecord): object => ({
  text,
  source,
  time,
  vectors: vectors.map((vector) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64")),
});

/** Null for what is no record with vectors of this dimension. */
export function readRecord(value: unknown, dimension: number): StoredRecord | null {
  if (!isObject(value)) return null;
  const { text, source, time, vectors } = value;
  if (typeof text !== "string" || typeof time !== "string" || !isSource(source)) return null;
  if (!Array.isArray(vectors) || vectors.length === 0) return null;
  const read = vectors.map((vector: unknown) => readVector(vector, dimension));
  return read.every((vector) => vector !== null) ? { text, source, time, vectors: read } : null;
}

function readVector(value: unknown, dimension: number): Float32Array | null {
  if (typeof value !== "string") return null;
  const bytes = Buffer.from(value, "base64");
  if (bytes.length !== dimension * Float32Array.BYTES_PER_ELEMENT) return null;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function isSource(value: unknown): value is MemorySource {
  return (
    isObject(value) &&
    typeof value.run === "string" &&
    typeof value.step === "number" &&
    typeof value.kind === "string" &&
    ["step", "page", "file", "note"].includes(value.kind)
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
