import { dotProduct } from "../vectors/cosine.js";
import type { Recalled, RecallOptions, StoredRecord } from "../memory.js";
import type { PineconeConnection, PineconeIndex } from "./connection.js";
import { isLeftOut } from "../record-store.js";
import type { Freshness } from "./freshness.js";
import { parseRowId, joinRows, rowId, sourceOf, textOf, type PineconeMetadata } from "./rows.js";

export type PineconeNamespace = { connection: PineconeConnection; freshness: Freshness };
type Unless = RecallOptions["unless"];
type Found = { id: string; score: number };

const listLength = 100;
/** Ids are part of the request's address, which must not be too long. */
const fetchLength = 50;
/** The service finds no more than this. */
const mostAsked = 10_000;

/** The nearest records, best first, including the newest of this process. Vectors of other models are left out. */
export async function nearestRows(
  namespace: PineconeNamespace,
  index: PineconeIndex,
  model: string,
  target: { vector: Float32Array; count: number; unless: Unless },
): Promise<Recalled[]> {
  const { freshness } = namespace;
  const found = await nearestIds(namespace, index, model, target);
  const fresh = new Map(freshness.records().map((record) => [record.id, record]));
  const rows = await rowsById(
    namespace,
    index,
    found.filter(({ id }) => !fresh.has(id)).map(({ id }) => rowId(id, 0)),
  );
  const recalled = found.map(async ({ id, score }): Promise<Recalled[]> => {
    const known = fresh.get(id);
    if (known) return [{ id, text: known.text, source: known.source, time: known.time, score }];
    const first = rows.get(rowId(id, 0));
    if (first?.metadata === undefined) return [];
    const text = textOf([first, ...(await rowsOfText(namespace, index, id, first.metadata.texts))]);
    return [{ id, text, source: sourceOf(first.metadata), time: first.metadata.time, score }];
  });
  return (await Promise.all(recalled)).flat();
}

/** A record may be found by several of its vectors; then more are asked for. */
async function nearestIds(
  { connection, freshness }: PineconeNamespace,
  { rows }: PineconeIndex,
  model: string,
  { vector, count, unless }: { vector: Float32Array; count: number; unless: Unless },
): Promise<Found[]> {
  for (let asked = Math.min(count, mostAsked); ; asked = Math.min(asked * 4, mostAsked)) {
    const query = { vector: Array.from(vector), topK: asked, filter: filterOf(model, unless) };
    const { result, indexed } = await connection.ask(() => rows.query(query));
    freshness.settle(indexed);
    const best = new Map<string, number>();
    for (const { id, score = 0 } of result.matches) {
      const record = parseRowId(id).id;
      if (!freshness.isGone(record)) best.set(record, Math.max(score, best.get(record) ?? -Infinity));
    }
    for (const record of freshness.records().filter((one) => isAllowed(one, unless))) {
      best.set(record.id, Math.max(...record.vectors.map((own) => dotProduct(own, vector))));
    }
    if (best.size < count && result.matches.length === asked && asked < mostAsked) continue;
    return [...best]
      .map(([id, score]) => ({ id, score }))
      .sort((one, other) => other.score - one.score)
      .slice(0, count);
  }
}

const isAllowed = ({ source }: StoredRecord, unless: Unless): boolean => !isLeftOut(source, unless);

function filterOf(model: string, unless: Unless = []): object {
  const own = { model: { $eq: model } };
  if (unless.length === 0) return own;
  const others = unless.map(({ run, fromStep }) => ({ $or: [{ run: { $ne: run } }, { step: { $lt: fromStep } }] }));
  return { $and: [own, ...others] };
}

type Rows = Map<string, { id: string; values?: number[]; metadata?: PineconeMetadata }>;

/** The rows with these ids, as far as they are there. */
export async function rowsById(
  { connection }: PineconeNamespace,
  index: PineconeIndex,
  ids: readonly string[],
): Promise<Rows> {
  const found: Rows = new Map();
  for (let from = 0; from < ids.length; from += fetchLength) {
    const batch = ids.slice(from, from + fetchLength);
    const { result } = await connection.ask(() => index.rows.fetch({ ids: batch }));
    for (const [id, row] of Object.entries(result.records)) found.set(id, row);
  }
  return found;
}

async function rowsOfText(namespace: PineconeNamespace, index: PineconeIndex, id: string, texts: number) {
  const ids = Array.from({ length: texts - 1 }, (_, row) => rowId(id, row + 1));
  const rows = await rowsById(namespace, index, ids);
  return ids.flatMap((each) => rows.get(each) ?? []);
}

/** The ids of all records, including the newest of this process. Stops once there are `most`. */
export async function recordIds(
  namespace: PineconeNamespace,
  index: PineconeIndex,
  most = Infinity,
): Promise<string[]> {
  const { connection, freshness } = namespace;
  await settle(namespace, index);
  const ids = new Set(freshness.records().map(({ id }) => id));
  let paginationToken: string | undefined;
  do {
    const page = { limit: listLength, ...(paginationToken === undefined ? {} : { paginationToken }) };
    const { result } = await connection.ask(() => index.rows.listPaginated(page));
    for (const { id: each = "" } of result.vectors ?? []) {
      const { id, row } = parseRowId(each);
      if (row === 0 && !freshness.isGone(id)) ids.add(id);
    }
    paginationToken = result.pagination?.next;
  } while (paginationToken !== undefined && ids.size < most);
  return [...ids];
}

/** Asks which writes are taken into account; only answers to a search say so. */
async function settle({ connection, freshness }: PineconeNamespace, { rows, dimension }: PineconeIndex): Promise<void> {
  if (!freshness.holdsAny()) return;
  const vector = Array.from({ length: dimension }, (_, number) => (number === 0 ? 1 : 0));
  freshness.settle((await connection.ask(() => rows.query({ vector, topK: 1 }))).indexed);
}

/** The records with these ids, in this order, with their vectors. Records that are gone are left out. */
export async function wholeRecords(
  namespace: PineconeNamespace,
  index: PineconeIndex,
  ids: readonly string[],
): Promise<StoredRecord[]> {
  const fresh = new Map(namespace.freshness.records().map((record) => [record.id, record]));
  const stored = ids.filter((id) => !fresh.has(id));
  const firsts = await rowsById(
    namespace,
    index,
    stored.map((id) => rowId(id, 0)),
  );
  const rest = [...firsts.values()].flatMap(({ id, metadata }) =>
    Array.from({ length: (metadata?.rows ?? 1) - 1 }, (_, row) => rowId(parseRowId(id).id, row + 1)),
  );
  const rows = new Map([...firsts, ...(await rowsById(namespace, index, rest))]);
  return ids.flatMap((id) => {
    const known = fresh.get(id);
    if (known) return known;
    const count = rows.get(rowId(id, 0))?.metadata?.rows ?? 0;
    const own = Array.from({ length: count }, (_, row) => rows.get(rowId(id, row)) ?? []).flat();
    return joinRows(own) ?? [];
  });
}
