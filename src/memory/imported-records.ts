import { unitVector } from "./cosine.js";
import type { ImportedRecord, MemoryRecord, StoredRecord } from "./memory.js";

const batchLength = 64;

/** Records in batches, each id once a batch. */
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

/** A record with its vectors, and what they were made with. */
export const withVectors = (
  { id, text, source, time }: MemoryRecord,
  embeddingModel: string,
  vectors: readonly Float32Array[],
): StoredRecord => ({ id, text, source, time, embeddingModel, dimension: vectors[0]?.length ?? 0, vectors });

/** The record as it can be stored, where its vectors are of this model, and of this dimension unless that is open. */
export function usable(record: ImportedRecord, model: string, dimension: number | null): StoredRecord | null {
  const { embeddingModel, vectors = [] } = record;
  const length = dimension ?? vectors[0]?.length ?? 0;
  if (embeddingModel !== model || length === 0 || vectors.length === 0) return null;
  if (vectors.some((vector) => vector.length !== length || !vector.every(Number.isFinite))) return null;
  return withVectors(record, model, vectors.map(unitVector));
}
