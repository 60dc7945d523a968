import { mkdir, open, rename, rm, stat, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { DamagedLineError, openJsonLines, readJsonLines } from "../storage/json-lines.js";
import { withLock } from "../storage/with-lock.js";
import type { StoredRecord } from "./memory.js";

type QueueLine = Omit<StoredRecord, "vectors"> & { vectors: string[] };

/** Records on disk that a service is to get later; several processes may use one queue. */
export interface DeliveryQueue {
  readonly file: string;
  /** On disk before it resolves. */
  append(records: readonly StoredRecord[]): Promise<void>;
  count(): Promise<number>;
  /** Hands all records to `deliver`, oldest first, and forgets them when that resolves. Gives their number. */
  deliver(deliver: (records: readonly StoredRecord[]) => Promise<unknown>): Promise<number>;
  clear(): Promise<void>;
}

const batchLength = 64;

/** Opens a queue in a file of JSON lines, which need not exist. What a killed process left half-written is cut off. */
export function openDeliveryQueue(file: string, warn: (message: string) => void): DeliveryQueue {
  const locked = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return withLock(`${file}.lock`, work);
  };
  return {
    file,
    append: (records) =>
      locked(async () => {
        await cutTornLine(file);
        const lines = openJsonLines(file);
        try {
          for (const [index, record] of records.entries()) {
            lines.append(lineOf(record), { sync: index === records.length - 1 });
          }
        } finally {
          lines.close();
        }
      }),
    count: async () => ((await isThere(file)) ? (await readQueue(file, warn)).length : 0),
    async deliver(deliver) {
      if (!(await isThere(file))) return 0;
      return locked(async () => {
        const records = await readQueue(file, warn);
        for (let from = 0; from < records.length; from += batchLength) {
          await deliver(records.slice(from, from + batchLength));
        }
        await rm(file, { force: true });
        return records.length;
      });
    },
    clear: () => locked(() => rm(file, { force: true })),
  };
}

async function readQueue(file: string, warn: (message: string) => void): Promise<StoredRecord[]> {
  try {
    return (await readJsonLines<QueueLine>(file)).lines.map(recordOf);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    if (!(error instanceof DamagedLineError)) throw error;
    const kept = `${file}.damaged-${Date.now()}`;
    await rename(file, kept);
    warn(`${error.file}, line ${error.line}, is damaged, so its records cannot be delivered; it is kept as ${kept}.`);
    return [];
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    ({ size }) => size > 0,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}

async function cutTornLine(file: string): Promise<void> {
  if (!(await isThere(file)) || (await lastByte(file)) === 0x0a) return;
  const { validBytes } = await readJsonLines(file);
  await truncate(file, validBytes);
}

async function lastByte(file: string): Promise<number | undefined> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    return (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0];
  } finally {
    await handle.close();
  }
}

const lineOf = (record: StoredRecord): QueueLine => ({ ...record, vectors: record.vectors.map(vectorText) });

const recordOf = (line: QueueLine): StoredRecord => ({ ...line, vectors: line.vectors.map(vectorOf) });

/** Base64 of 32-bit floats, lowest byte first. */
const vectorText = (vector: Float32Array): string =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

function vectorOf(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer);
}
