import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { modelMismatch } from "../embedding/mismatch.js";
import type { MadeWith, MemoryStats, StoredRecord } from "../memory.js";
import { PineconeRefusal, type PineconeReply, type PineconeConnection, type PineconeIndex } from "./connection.js";
import { createFreshness } from "./freshness.js";
import { nearestRows, recordIds, rowsById, wholeRecords, type PineconeNamespace } from "./search.js";
import { rowId, recordRows, type PineconeRow } from "./rows.js";
import type { Query, RecordStore } from "../record-store.js";

/** The service takes 2 MB and 1,000 rows an upsert. A number takes about 13 bytes in it. */
const mostBytes = 1_500_000;
const mostRows = 200;
const numberBytes = 13;
const deleteLength = 500;
const batchLength = 32;

/** Counting records means listing them all, so the count is kept as long as the number of rows is the same. */
type Count = { rows: number; records: number };
type State = PineconeNamespace & { index: PineconeIndex | null; made: MadeWith | null; count: Count | null };

/** The records of one AI in a namespace of their own. */
export function openPineconeStore(connection: PineconeConnection, now?: () => number): RecordStore {
  const state: State = { connection, freshness: createFreshness(now), index: null, made: null, count: null };
  return {
    madeWith: () => madeWith(state),
    async has(ids) {
      const index = await findIndex(state);
      if (index === null) return new Set();
      const rows = await rowsById(
        state,
        index,
        ids.map((id) => rowId(id, 0)),
      );
      const fresh = new Set(state.freshness.records().map(({ id }) => id));
      return new Set(ids.filter((id) => fresh.has(id) || (rows.has(rowId(id, 0)) && !state.freshness.isGone(id))));
    },
    put: (records) => put(state, records),
    nearest: (query, count, unless) => nearest(state, query, count, unless),
    batches: () => batches(state),
    remove: (ids) => remove(state, ids),
    rebuild: (renew) => rebuild(state, renew),
    stats: () => stats(state),
    clear: () => clear(state),
    close: async () => connection.close(),
  };
}

const findIndex = async (state: State): Promise<PineconeIndex | null> =>
  (state.index ??= await state.connection.find());

/** The service is asked only until something is stored; every search selects rows by model anyway. */
async function madeWith(state: State): Promise<MadeWith | null> {
  if (state.made !== null) return state.made;
  const index = await findIndex(state);
  if (index === null) return null;
  const [first] = await wholeRecords(state, index, (await recordIds(state, index, 1)).slice(0, 1));
  if (first === undefined) return null;
  const { embeddingModel } = first;
  return (state.made = { where: state.connection.where, embeddingModel, dimension: index.dimension });
}

async function nearest(state: State, query: Query, count: number, unless: Parameters<RecordStore["nearest"]>[2]) {
  const [index, made] = [await findIndex(state), await madeWith(state)];
  if (index === null || made === null || query.vector === undefined) return [];
  const found = await nearestRows(state, index, made.embeddingModel, { vector: query.vector, count, unless });
  // Another process may have removed everything, or switched to another model.
  if (found.length === 0) state.made = null;
  return found;
}

async function put(state: State, records: readonly StoredRecord[]): Promise<string[]> {
  const [example] = records;
  if (example === undefined) return [];
  const made = await madeWith(state);
  if (made !== null && made.embeddingModel !== example.embeddingModel)
    throw modelMismatch(made, example.embeddingModel);
  return store(state, records, example);
}

/** Stores the first row of each record last. A record without it does not exist, so none is stored half. */
async function store(state: State, records: readonly StoredRecord[], example: StoredRecord): Promise<string[]> {
  const index = (await findIndex(state)) ?? (state.index = await state.connection.create(example.dimension));
  refuseOtherDimension(state, index, example);
  const rows = records.flatMap(recordRows);
  const isFirst = ({ id }: PineconeRow): boolean => id.endsWith("#0");
  const ordered = [...rows.filter((row) => !isFirst(row)), ...rows.filter(isFirst)];
  let written: number | null = null;
  try {
    for (const batch of upserts(ordered)) {
      ({ written } = await state.connection.ask(() => index.rows.upsert({ records: batch })));
    }
  } catch (error) {
    if (error instanceof PineconeRefusal) await dropRows(state, index, rows).catch(() => undefined);
    throw error;
  }
  state.freshness.wrote(records, written);
  if (state.count)
    state.count = { rows: state.count.rows + rows.length, records: state.count.records + records.length };
  const { where } = state.connection;
  state.made ??= { where, embeddingModel: example.embeddingModel, dimension: index.dimension };
  return records.map(({ id }) => id);
}

function refuseOtherDimension(state: State, index: PineconeIndex, { embeddingModel, dimension }: StoredRecord): void {
  if (index.dimension === dimension) return;
  throw new SettingsError(
    `The index of ${state.connection.where} has one dimension, ${index.dimension}, and ${embeddingModel} gives ` +
      `${dimension}. Set MEMORY_INDEX to another name; ${commandLine("memory export")} and import carry the records over.`,
  );
}

function* upserts(rows: readonly PineconeRow[]): Generator<PineconeRow[]> {
  let [batch, bytes]: [PineconeRow[], number] = [[], 0];
  for (const row of rows) {
    const size = row.values.length * numberBytes + Buffer.byteLength(JSON.stringify(row.metadata));
    if (batch.length > 0 && (batch.length === mostRows || bytes + size > mostBytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(row);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

async function dropRows(state: State, index: PineconeIndex, rows: readonly { id: string }[]): Promise<number | null> {
  let answer: PineconeReply<unknown> | null = null;
  for (let from = 0; from < rows.length; from += deleteLength) {
    const ids = rows.slice(from, from + deleteLength).map(({ id }) => id);
    answer = await state.connection.ask(() => index.rows.deleteMany({ ids }));
  }
  return answer?.written ?? null;
}

async function remove(state: State, ids: readonly string[]): Promise<number> {
  const index = await findIndex(state);
  if (index === null) return 0;
  let removed = 0;
  for (let from = 0; from < ids.length; from += batchLength) {
    const records = await wholeRecords(state, index, ids.slice(from, from + batchLength));
    if (records.length === 0) continue;
    const written = await dropRows(state, index, records.flatMap(recordRows).reverse());
    state.freshness.removed(
      records.map(({ id }) => id),
      written,
    );
    removed += records.length;
  }
  state.made = null;
  state.count = null;
  return removed;
}

/** The service lists by id; to give the oldest first, all times are read beforehand. */
async function* batches(state: State): AsyncGenerator<StoredRecord[]> {
  const index = await findIndex(state);
  if (index === null) return;
  const ids = await recordIds(state, index);
  const times = new Map(state.freshness.records().map(({ id, time }) => [id, time]));
  const firsts = await rowsById(
    state,
    index,
    ids.filter((id) => !times.has(id)).map((id) => rowId(id, 0)),
  );
  for (const id of ids) times.set(id, firsts.get(rowId(id, 0))?.metadata?.time ?? times.get(id) ?? "");
  const ordered = ids.sort((one, other) => ((times.get(one) ?? "") < (times.get(other) ?? "") ? -1 : 1));
  for (let from = 0; from < ordered.length; from += batchLength) {
    yield await wholeRecords(state, index, ordered.slice(from, from + batchLength));
  }
}

/** Embeds all records before anything is changed. */
async function rebuild(state: State, renew: Parameters<RecordStore["rebuild"]>[0]): Promise<number> {
  const index = await findIndex(state);
  const [before, after]: StoredRecord[][] = [[], []];
  for await (const batch of batches(state)) {
    before?.push(...batch);
    after?.push(...(await renew(batch)));
  }
  const [example] = after ?? [];
  if (index === null || !before || !after || example === undefined) return 0;
  await store(state, after, example);
  state.made = {
    where: state.connection.where,
    embeddingModel: example.embeddingModel,
    dimension: index.dimension,
  };
  const kept = new Set(after.flatMap(recordRows).map(({ id }) => id));
  await dropRows(
    state,
    index,
    before.flatMap(recordRows).filter(({ id }) => !kept.has(id)),
  );
  state.count = null;
  return after.length;
}

async function stats(state: State): Promise<MemoryStats> {
  const [index, made] = [await findIndex(state), await madeWith(state)];
  const records = index === null ? 0 : await countRecords(state, index);
  return {
    backend: "pinecone",
    records,
    embeddingModel: made?.embeddingModel ?? null,
    dimension: made?.dimension ?? null,
    bytes: null,
    detail: index === null ? `${state.connection.where}, which is not made yet` : state.connection.where,
  };
}

async function countRecords(state: State, index: PineconeIndex): Promise<number> {
  const { result } = await state.connection.ask(() => index.rows.describeIndexStats());
  const namespace = state.connection.namespace;
  const rows = result.namespaces?.[namespace]?.recordCount ?? 0;
  if (state.count?.rows === rows) return state.count.records;
  const records = (await recordIds(state, index)).length;
  state.count = { rows, records };
  return records;
}

async function clear(state: State): Promise<void> {
  const index = await findIndex(state);
  if (index === null) return;
  try {
    const { written } = await state.connection.ask(() => index.rows.deleteAll());
    state.freshness.cleared(written);
  } catch (error) {
    // A namespace exists only once something was stored in it.
    if (!(error instanceof PineconeRefusal) || error.status !== 404) throw error;
  }
  state.made = null;
  state.count = null;
}
