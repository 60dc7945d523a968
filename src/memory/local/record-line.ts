import { sourceKinds, type MemoryRecord, type MemorySource } from "../memory.js";
import { isObject } from "../../base/json.js";
import { lineWithSum, sumDigits } from "../../storage/line-sum.js";

/** The first line of a memory file. `id` is new whenever the file is replaced; `vectors` names the file of vectors. */
export type Header = { format: 2; id: string; vectors: string; embeddingModel: string; dimension: number };

/** A record's rows in the file of vectors: `rows` of them from `row` on, and their sums (see sumOf), one behind the other. */
export type Rows = { row: number; rows: number; sums?: string };

/** The header that a parsed line holds; null for anything else. */
export function readHeader(value: unknown): Header | null {
  if (!isObject(value)) return null;
  const { format, id, vectors, embeddingModel, dimension } = value;
  if (format !== 2 || typeof id !== "string" || typeof embeddingModel !== "string") return null;
  if (typeof vectors !== "string" || !/^[0-9a-f-]{36}$/.test(vectors) || !isCount(dimension)) return null;
  return { format, id, vectors, embeddingModel, dimension };
}

/** Whether a later version wrote this first line: its records must not be taken for damaged ones. */
export const isLaterFormat = (value: unknown): boolean =>
  isObject(value) && typeof value.format === "number" && value.format > 2;

/** A record as a line. The rows come first, so that readRows need not decode the rest. */
export const recordLine = ({ row, rows, sums }: Rows, { id, text, source, time }: MemoryRecord): string =>
  lineWithSum({ row, rows, ...(sums ? { sums } : {}), id, time, source, text });

/** How the line of a record and the first line begin, also where they are torn. */
export const lineStart = '{"row":';
export const headerStart = '{"format":';
const rowField = Buffer.from(lineStart);
const rowsField = Buffer.from(',"rows":');
const sumsField = Buffer.from(',"sums":"');
const digitZero = 0x30;
const closingBrace = 0x7d;
const comma = 0x2c;

/** The rows that the line in `bytes` from `start` to before `end` names; null where it is no line of a record. */
export function readRows(bytes: Buffer, start: number, end: number): Rows | null {
  const row = readNumber(bytes, start + rowField.length);
  const middle = row.end + rowsField.length;
  const rows = readNumber(bytes, middle);
  if (!liesAt(bytes, rowField, start) || !liesAt(bytes, rowsField, row.end) || rows.end >= end) return null;
  if (row.end === start + rowField.length || rows.end === middle) return null;
  if (bytes[rows.end] !== comma || bytes[end - 1] !== closingBrace) return null;
  if (!liesAt(bytes, sumsField, rows.end)) return { row: row.value, rows: rows.value };
  const sums = rows.end + sumsField.length;
  return { row: row.value, rows: rows.value, sums: bytes.toString("latin1", sums, sums + rows.value * sumDigits) };
}

function liesAt(bytes: Buffer, part: Buffer, start: number): boolean {
  for (let index = 0; index < part.length; index += 1) if (bytes[start + index] !== part[index]) return false;
  return true;
}

function readNumber(bytes: Buffer, start: number): { value: number; end: number } {
  let [value, end] = [0, start];
  for (let digit = (bytes[end] ?? 0) - digitZero; digit >= 0 && digit <= 9; digit = (bytes[end] ?? 0) - digitZero) {
    value = value * 10 + digit;
    end += 1;
  }
  return { value, end };
}

/** The record that a parsed line holds; null for anything else. */
export function readRecord(value: unknown): (MemoryRecord & Rows) | null {
  if (!isObject(value)) return null;
  const { row, rows, sums, id, text, source, time } = value;
  if (!isCount(row) || !isCount(rows) || typeof id !== "string") return null;
  if (typeof text !== "string" || typeof time !== "string" || !isSource(source)) return null;
  return { row, rows, ...(typeof sums === "string" && { sums }), id, text, source, time };
}

export function isSource(value: unknown): value is MemorySource {
  return (
    isObject(value) &&
    typeof value.run === "string" &&
    typeof value.step === "number" &&
    sourceKinds.some((kind) => kind === value.kind) &&
    (value.from === undefined || typeof value.from === "string") &&
    (value.tainted === undefined || typeof value.tainted === "boolean")
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
