import { once } from "../../base/keeping/once.js";
import { DamagedLineError } from "../../storage/json-lines.js";
import { withLock } from "../../storage/lock.js";
import { appendRecords, madeWith } from "./append.js";
import { fillBlocks, keepWholeBlocks } from "./vectors/blocks.js";
import { dimensionMismatch, modelMismatch } from "../embedding/mismatch.js";
import { isAlsoByWords } from "../embedding/offline.js";
import { createLocalSearch, type LocalSearch } from "./search.js";
import { bytesOfFolder, lockPath, removeMemoryFiles, ReplacedError } from "./files.js";
import type { MadeWith, MemoryStats, RecallOptions, Recalled, StoredRecord } from "../memory.js";
import { storedBatches, type Contents } from "./contents.js";
import { rebuildRecords } from "./rebuild.js";
import { openRecordFile, type RecordFile } from "./record-file.js";
import type { Query, RecordStore } from "../record-store.js";
import { rewriteRecords } from "./replace.js";

/** The records of one AI in the files of a folder, which has to exist. `warn` is told of damage. */
export function openLocalStore(folder: string, warn: (message: string) => void): RecordStore {
  const file = openRecordFile(folder, warn);
  const search = createLocalSearch();
  let model: string | null = null;
  const prepare = once(() => search.prepare(folder));
  return {
    async madeWith() {
      prepare();
      const made = await file.read(async (contents) => madeOf(contents));
      model = made?.embeddingModel ?? null;
      return made;
    },
    has: (ids) => file.read(async (contents) => search.idsAmong(contents, ids)),
    put: (records) => put(file, search, records),
    nearest(query, count, unless) {
      prepare();
      return file.read((contents) => nearest(contents, search, model, query, { count, ...(unless && { unless }) }));
    },
    batches: () => batches(file),
    remove: (ids) => file.write((contents) => remove(contents, new Set(ids))),
    rebuild: (renew) => rebuildRecords(folder, file, renew),
    stats: () => stats(folder, file),
    clear: () => withLock(lockPath(folder), () => removeMemoryFiles(folder)),
    close: () => search.close(),
  };
}

const madeOf = ({ folder, header, index }: Contents): MadeWith | null =>
  header === null || index.records === 0 ? null : madeWith(folder, header);

async function put(file: RecordFile, search: LocalSearch, records: readonly StoredRecord[]): Promise<string[]> {
  const { added, header, before, now } = await file.write(async (contents) => {
    const fresh = records.filter(({ id }) => !search.isKnown(contents, id));
    const appended = appendRecords(contents, fresh);
    // The numbers of a new memory's first records are known when it is read.
    if (contents.index.nextRow === appended.now) search.added(contents, fresh);
    return { added: fresh, ...appended };
  });
  // The records are there: what only makes the next start faster does not fail them.
  if (fillBlocks(before, now)) await file.read((contents) => keepBlocks(contents, before)).catch(() => undefined);
  if (header !== null && (header.dimension === 0 || isAlsoByWords(header.embeddingModel)))
    await file.read((contents) => search.keepWords(contents)).catch(() => undefined);
  return added.map(({ id }) => id);
}

async function keepBlocks({ folder, header, index }: Contents, before: number): Promise<void> {
  if (header !== null) await keepWholeBlocks({ folder, header, count: index.nextRow, sums: index.sums }, before);
}

/** `model` is what the query was embedded with; another process may have gone over to another one. */
async function nearest(
  contents: Contents,
  search: LocalSearch,
  model: string | null,
  query: Query,
  options: RecallOptions,
): Promise<Recalled[]> {
  const made = madeOf(contents);
  if (made === null) return [];
  if (model !== null && made.embeddingModel !== model) throw modelMismatch(made, model);
  const { vector, words } = query;
  if (vector === undefined) return search.byWords(contents, words, options);
  if (made.dimension !== vector.length) throw dimensionMismatch(made, vector.length);
  return words === undefined
    ? search.nearest(contents, vector, options)
    : search.byBoth(contents, { vector, words }, options);
}

async function* batches(file: RecordFile): AsyncGenerator<StoredRecord[]> {
  const contents = await file.readChecked(async (found) => ({ ...found, index: { ...found.index } }));
  try {
    yield* storedBatches(contents);
  } catch (error) {
    if (error instanceof ReplacedError)
      throw new Error("The memory was changed by another process while it was read. Read it again.", { cause: error });
    if (!(error instanceof DamagedLineError)) throw error;
    await mended(file, error);
    throw new Error("A part of the memory is damaged. It was mended; read it again.", { cause: error });
  }
}

/** Has the files mended, as where a recall meets the damage. */
async function mended(file: RecordFile, damage: DamagedLineError): Promise<void> {
  let isMet = false;
  await file.read(async () => {
    if (isMet) return;
    isMet = true;
    throw damage;
  });
}

/** Writes the files anew without these records, so that they are gone from the disk as well. */
async function remove(contents: Contents, ids: ReadonlySet<string>): Promise<number> {
  const { folder, header, index } = contents;
  if (header === null) return 0;
  const all = index.records;
  let kept = 0;
  async function* others(): AsyncGenerator<StoredRecord> {
    for await (const batch of storedBatches(contents)) {
      for (const record of batch) {
        if (ids.has(record.id)) continue;
        kept += 1;
        yield record;
      }
    }
  }
  await rewriteRecords(folder, header, others());
  if (kept === 0) await removeMemoryFiles(folder);
  return all - kept;
}

async function stats(folder: string, file: RecordFile): Promise<MemoryStats> {
  const { records, made } = await file.read(async (contents) => ({
    records: contents.index.records,
    made: madeOf(contents),
  }));
  const { embeddingModel = null, dimension = null } = made ?? {};
  return { backend: "local", records, embeddingModel, dimension, bytes: await bytesOfFolder(folder), detail: folder };
}
