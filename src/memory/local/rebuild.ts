import { randomUUID } from "node:crypto";
import type { StoredRecord } from "../memory.js";
import { plainBatches, type Contents } from "./contents.js";
import type { RecordFile } from "./record-file.js";
import type { Rows } from "./record-line.js";
import { replaceRecords, type PlacedRecord } from "./replace.js";
import { draftVectors, type VectorsDraft } from "./vectors/vectors-file.js";

type Renew = (records: readonly StoredRecord[]) => Promise<StoredRecord[]>;
type Renewed = { rows: Map<string, Rows>; embeddingModel: string; dimension: number };

/**
 * Makes new vectors for all records in a file of their own, then replaces the memory in one act. Records that are added
 * or removed meanwhile are noticed before that. Where it fails or is ended, everything stays as it was.
 */
export async function rebuildRecords(folder: string, file: RecordFile, renew: Renew): Promise<number> {
  const draft = await draftVectors(folder);
  const renewed: Renewed = { rows: new Map(), embeddingModel: "", dimension: 0 };
  try {
    for (;;) {
      const missing = await file.read(async (contents) => lacking(contents, renewed));
      for (const batch of missing) await add(draft, renewed, await renew(batch));
      const replaced = await file.write((contents) => replace(folder, contents, draft, renewed));
      if (replaced !== null) return replaced;
    }
  } finally {
    await draft.discard();
  }
}

/** The records that have no new vectors yet, in batches and without their old ones. */
function lacking(contents: Contents, { rows }: Renewed): StoredRecord[][] {
  const { embeddingModel = "", dimension = 0 } = contents.header ?? {};
  return [...plainBatches(contents)]
    .map((batch) =>
      batch.filter(({ id }) => !rows.has(id)).map((record) => ({ ...record, embeddingModel, dimension, vectors: [] })),
    )
    .filter(({ length }) => length > 0);
}

async function add(draft: VectorsDraft, renewed: Renewed, records: readonly StoredRecord[]): Promise<void> {
  for (const { id, vectors, embeddingModel, dimension } of records) {
    renewed.rows.set(id, await draft.add(vectors));
    Object.assign(renewed, { embeddingModel, dimension });
  }
}

/** The number of records; null, and nothing is replaced, where some have no new vectors yet. */
async function replace(
  folder: string,
  contents: Contents,
  draft: VectorsDraft,
  { rows, embeddingModel, dimension }: Renewed,
): Promise<number | null> {
  const count = contents.index.records;
  for (const batch of plainBatches(contents)) if (batch.some(({ id }) => !rows.has(id))) return null;
  if (count === 0) return 0;
  const vectors = randomUUID();
  async function* placed(): AsyncGenerator<PlacedRecord> {
    await draft.finish(folder, vectors);
    for (const batch of plainBatches(contents)) {
      for (const record of batch) yield { rows: rows.get(record.id) as Rows, record };
    }
  }
  await replaceRecords(folder, { embeddingModel, dimension, vectors }, placed());
  return count;
}
