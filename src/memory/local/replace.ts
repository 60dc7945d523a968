import { randomUUID } from "node:crypto";
import { replaceFile } from "../../base/files.js";
import { lineWithSum } from "../../storage/line-sum.js";
import { recordsPath, removeLeftovers } from "./files.js";
import type { MemoryRecord, StoredRecord } from "../memory.js";
import { recordLine, type Header, type Rows } from "./record-line.js";
import { draftVectors } from "./vectors/vectors-file.js";

export type PlacedRecord = { rows: Rows; record: MemoryRecord };

/** Replaces a memory's records in one act. The vectors they name have to be on disk when `records` ends. */
export async function replaceRecords(
  folder: string,
  { vectors, embeddingModel, dimension }: Omit<Header, "format" | "id">,
  records: AsyncIterable<PlacedRecord>,
): Promise<void> {
  const header: Header = { format: 2, id: randomUUID(), vectors, embeddingModel, dimension };
  await replaceFile(recordsPath(folder), linesOf(header, records));
  await removeLeftovers(folder, header);
}

/** Replaces all records and writes their vectors to a new file. Called with the lock held. */
export async function rewriteRecords(
  folder: string,
  made: { embeddingModel: string; dimension: number },
  records: AsyncIterable<StoredRecord>,
): Promise<void> {
  const vectors = randomUUID();
  const draft = await draftVectors(folder);
  async function* placed(): AsyncGenerator<PlacedRecord> {
    for await (const record of records) yield { rows: await draft.add(record.vectors), record };
    await draft.finish(folder, vectors);
  }
  try {
    await replaceRecords(folder, { ...made, vectors }, placed());
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

async function* linesOf(header: Header, records: AsyncIterable<PlacedRecord>): AsyncGenerator<Buffer> {
  yield Buffer.from(`${lineWithSum(header)}\n`);
  for await (const { rows, record } of records) yield Buffer.from(`${recordLine(rows, record)}\n`);
}
