import { randomUUID } from "node:crypto";
import type { StoredRecord } from "../memory.js";
import { isObject } from "../../base/json.js";
import { isSource } from "./record-line.js";

/** The header of the first format, which kept the vectors in the lines themselves. */
export type FirstHeader = { embeddingModel: string; dimension: number };

/** Null for what is no header of the first format. */
export function readFirstHeader(value: unknown): FirstHeader | null {
  if (!isObject(value)) return null;
  const { format, embeddingModel, dimension } = value;
  if (format !== 1 || typeof embeddingModel !== "string" || !Number.isInteger(dimension)) return null;
  return { embeddingModel, dimension: Number(dimension) };
}

/** A record of the first format, which had no ids: it gets one. Null for what is none. */
export function readFirstRecord(value: unknown, { embeddingModel, dimension }: FirstHeader): StoredRecord | null {
  if (!isObject(value)) return null;
  const { text, source, time, vectors } = value;
  if (typeof text !== "string" || typeof time !== "string" || !isSource(source)) return null;
  if (!Array.isArray(vectors) || vectors.length === 0) return null;
  const read = vectors.map((vector: unknown) => readVector(vector, dimension));
  if (!read.every((vector) => vector !== null)) return null;
  return { id: randomUUID(), text, source, time, vectors: read, embeddingModel, dimension };
}

function readVector(value: unknown, dimension: number): Float32Array | null {
  if (typeof value !== "string") return null;
  const bytes = Buffer.from(value, "base64");
  if (bytes.length !== dimension * Float32Array.BYTES_PER_ELEMENT) return null;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
