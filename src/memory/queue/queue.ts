import { copyFile, mkdir, open, rm, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile, sizeOf } from "../../base/files.js";
import { SettingsError } from "../../errors.js";
import { openJsonLines, wholeLines } from "../../storage/json-lines.js";
import { withLock } from "../../storage/lock.js";
import { lineWithSum, lookAtSum } from "../../storage/line-sum.js";
import { exported, importedRecord, withVectors } from "../exchange.js";
import { parseJson } from "../../base/json.js";
import type { StoredRecord } from "../memory.js";

/** `delivered`: how many records the service took. `refused`: why it refused others, which still wait. */
export type Delivery = { delivered: number; refused: SettingsError | null };

/** Records that wait on disk until a service is back. Several processes may use one queue. */
export interface DeliveryQueue {
  readonly file: string;
  /** Adds all records or, where it rejects, none. They are on disk when it resolves. */
  append(records: readonly StoredRecord[]): Promise<void>;
  count(): Promise<number>;
  /**
   * Hands all records to `deliver` in batches of one model, oldest first, and removes those that it took. A batch that
   * it refuses with a SettingsError stays. Any other error is thrown, and everything stays.
   */
  deliver(deliver: (records: readonly StoredRecord[]) => Promise<unknown>): Promise<Delivery>;
  clear(): Promise<void>;
}

const batchLength = 64;

/**
 * Opens a queue in a file of exported records, which need not exist. What a killed process left half-written is cut
 * off. A damaged file is copied, which `warn` is told, and the records that can be read are delivered.
 */
export function openDeliveryQueue(file: string, warn: (message: string) => void): DeliveryQueue {
  const locked = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return withLock(`${file}.lock`, work);
  };
  return {
    file,
    append: (records) => locked(() => append(file, records)),
    count: async () => ((await sizeOf(file)) > 0 ? (await readQueue(file)).records.length : 0),
    deliver: async (deliver) =>
      (await sizeOf(file)) > 0
        ? locked(async () => deliverAll(file, await mendedQueue(file, warn), deliver))
        : { delivered: 0, refused: null },
    clear: () => locked(() => rm(file, { force: true })),
  };
}

async function append(file: string, records: readonly StoredRecord[]): Promise<void> {
  const end = await cutTornLine(file);
  const lines = openJsonLines(file);
  try {
    for (const [index, record] of records.entries()) {
      lines.append(lineOf(record), { sync: index === records.length - 1 });
    }
  } catch (error) {
    await truncate(file, end);
    throw error;
  } finally {
    lines.close();
  }
}

async function deliverAll(
  file: string,
  records: readonly StoredRecord[],
  deliver: (records: readonly StoredRecord[]) => Promise<unknown>,
): Promise<Delivery> {
  const kept: StoredRecord[] = [];
  let refused: SettingsError | null = null;
  for (const batch of batchesOf(once(records))) {
    try {
      await deliver(batch);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      refused ??= error;
      kept.push(...batch);
    }
  }
  if (kept.length === 0) await rm(file, { force: true });
  else if (kept.length < records.length) await replace(file, kept);
  return { delivered: records.length - kept.length, refused };
}

/** What was put in twice, because nobody could tell whether it was there, is delivered once. */
const once = (records: readonly StoredRecord[]): StoredRecord[] => [
  ...new Map(records.map((record) => [record.id, record])).values(),
];

/** Neighbouring records of one model and dimension, in batches. */
function* batchesOf(records: readonly StoredRecord[]): Generator<StoredRecord[]> {
  let batch: StoredRecord[] = [];
  for (const record of records) {
    const [first = record] = batch;
    const isAlike = record.embeddingModel === first.embeddingModel && record.dimension === first.dimension;
    if (!isAlike || batch.length === batchLength) {
      yield batch;
      batch = [];
    }
    batch.push(record);
  }
  if (batch.length > 0) yield batch;
}

async function mendedQueue(file: string, warn: (message: string) => void): Promise<StoredRecord[]> {
  const { records, damagedLine } = await readQueue(file);
  if (damagedLine === null) return records;
  const copy = `${file}.damaged-${Date.now()}`;
  await copyFile(file, copy);
  await replace(file, records);
  const readable = `${records.length} of its records could be read and are delivered`;
  warn(`${file}, line ${damagedLine}, is damaged. The file is kept as ${copy}; ${readable}.`);
  return records;
}

async function readQueue(file: string): Promise<{ records: StoredRecord[]; damagedLine: number | null }> {
  const records: StoredRecord[] = [];
  let [line, damagedLine]: [number, number | null] = [0, null];
  for await (const bytes of wholeLines(file)) {
    line += 1;
    const record = lookAtSum(bytes) === "wrong" ? null : recordOf(parseJson(bytes.toString("utf8")));
    if (record === null) damagedLine ??= line;
    else records.push(record);
  }
  return { records, damagedLine };
}

async function replace(file: string, records: readonly StoredRecord[]): Promise<void> {
  async function* lines(): AsyncGenerator<Buffer> {
    for (const record of records) yield Buffer.from(`${lineOf(record)}\n`);
  }
  await replaceFile(file, lines());
}

/** Cuts off a last line without its newline. Resolves to the size of the file after that. */
async function cutTornLine(file: string): Promise<number> {
  const size = await sizeOf(file);
  if (size === 0 || (await lastByte(file, size)) === 0x0a) return size;
  let end = 0;
  for await (const bytes of wholeLines(file)) end += bytes.length + 1;
  await truncate(file, end);
  return end;
}

async function lastByte(file: string, size: number): Promise<number | undefined> {
  const handle = await open(file, "r");
  try {
    return (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
  } finally {
    await handle.close();
  }
}

const lineOf = (record: StoredRecord): string => lineWithSum(exported(record, { withVectors: true }));

/** The record of a parsed line; null where it is none, or has no usable vectors. */
function recordOf(value: unknown): StoredRecord | null {
  const record = importedRecord(value);
  if (record?.embeddingModel === undefined || record.vectors === undefined) return null;
  const stored = withVectors(record, record.embeddingModel, record.vectors);
  return stored.vectors.every(({ length }) => length > 0 && length === stored.dimension) ? stored : null;
}
