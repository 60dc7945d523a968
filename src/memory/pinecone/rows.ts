import { createHash } from "node:crypto";
import type { PineconeRecord } from "@pinecone-database/pinecone";
import { SettingsError } from "../../errors.js";
import type { MemorySource, StoredRecord } from "../memory.js";

/**
 * The metadata of a row. A record has as many rows as it has vectors, or more where its text does not fit into those:
 * the texts of rows 0 to `texts` - 1, joined, are the record's text. `vectors` is the number of rows with a vector of
 * the record; the others repeat the last one.
 */
export type PineconeMetadata = {
  text: string;
  rows: number;
  texts: number;
  vectors: number;
  model: string;
  time: string;
  run: string;
  step: number;
  kind: string;
  /** Absent where the source has none: the service does not take null. */
  from?: string;
  tainted?: boolean;
  [more: string]: string | number | boolean;
};
export type PineconeRow = PineconeRecord<PineconeMetadata> & { values: number[]; metadata: PineconeMetadata };

/** The service takes 40 KB of metadata a row. */
const mostTextBytes = 30_000;
const longestId = 480;

/** The namespace of an AI: printable ASCII. Names that differ in any character have different ones. */
export function namespaceOf(aiName: string): string {
  const safe = aiName.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 40);
  return `${safe}-${createHash("sha256").update(aiName).digest("hex").slice(0, 20)}`;
}

export const rowId = (id: string, row: number): string => `${id}#${row}`;

/** The record's id and the number of the row in it. */
export function parseRowId(rowId: string): { id: string; row: number } {
  const at = rowId.lastIndexOf("#");
  return { id: rowId.slice(0, at), row: Number(rowId.slice(at + 1)) };
}

/** The rows of a record. Throws SettingsError for an id that the service does not take. */
export function recordRows({ id, text, source, time, embeddingModel, vectors }: StoredRecord): PineconeRow[] {
  if (!/^[\x21-\x7e]+$/.test(id) || id.length > longestId) {
    throw new SettingsError(
      `At Pinecone the id of a record has to be printable ASCII of at most ${longestId} characters, not ${JSON.stringify(id.slice(0, 100))}.`,
    );
  }
  const texts = cutByBytes(text);
  const rows = Math.max(texts.length, vectors.length);
  const common = { rows, texts: texts.length, vectors: vectors.length, model: embeddingModel, time, ...source };
  const values = vectors.map(numbersOf);
  return Array.from({ length: rows }, (_, row) => ({
    id: rowId(id, row),
    values: values[Math.min(row, values.length - 1)] ?? [],
    metadata: { ...common, text: texts[row] ?? "" },
  }));
}

/** Nine digits identify every 32-bit float. */
const numbersOf = (vector: Float32Array): number[] => Array.from(vector, (value) => Number(value.toPrecision(9)));

/** The record of all its rows, which are in order; null where one is missing. */
export function joinRows(rows: readonly PineconeRecord<PineconeMetadata>[]): StoredRecord | null {
  const [first] = rows;
  if (first?.metadata === undefined || rows.length < first.metadata.rows) return null;
  const { texts, vectors, model, time } = first.metadata;
  const embedded = rows.slice(0, vectors).map(({ values = [] }) => Float32Array.from(values));
  return {
    id: parseRowId(first.id).id,
    text: textOf(rows.slice(0, texts)),
    source: sourceOf(first.metadata),
    time,
    embeddingModel: model,
    dimension: embedded[0]?.length ?? 0,
    vectors: embedded,
  };
}

export const textOf = (rows: readonly PineconeRecord<PineconeMetadata>[]): string =>
  rows.map(({ metadata }) => metadata?.text ?? "").join("");

export const sourceOf = ({ run, step, kind, from, tainted }: PineconeMetadata): MemorySource => ({
  run,
  step,
  kind: kind as MemorySource["kind"],
  ...(from === undefined ? {} : { from }),
  ...(tainted === undefined ? {} : { tainted }),
});

/** The text in parts that fit into a row's metadata. Lone surrogates, which the service does not take, are replaced. */
function cutByBytes(text: string): string[] {
  const parts: string[] = [];
  let [part, bytes] = ["", 0];
  for (const character of text.replace(/\p{Surrogate}/gu, "\ufffd")) {
    const size = Buffer.byteLength(character);
    if (bytes + size > mostTextBytes) {
      parts.push(part);
      [part, bytes] = ["", 0];
    }
    part += character;
    bytes += size;
  }
  return [...parts, part];
}
