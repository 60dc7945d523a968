import { randomUUID } from "node:crypto";
import { dimensionMismatch, modelMismatch } from "../embedding/mismatch.js";
import type { MemoryStats, Recalled, StoredRecord } from "../memory.js";
import type { Query, RecordStore } from "../record-store.js";
import type { RedisSearch } from "./search-copy.js";
import { rebuildVectors, removeLeftovers } from "./rebuild.js";
import {
  readMeta,
  fetchRecords,
  readVectors,
  recordArguments,
  texts,
  type Meta,
  type RedisNamespace,
} from "./records.js";
import { putScript, removeScript } from "./scripts.js";

const batchLength = 64;
const countedAtOnce = 500;

/** The records of one AI on a Redis server. */
export function openRedisStore(namespace: RedisNamespace, search: RedisSearch): RecordStore {
  const { redis, keys } = namespace;
  return {
    madeWith: () => readMeta(namespace),
    async has(ids) {
      const found = await Promise.all(ids.map((id) => redis.command("EXISTS", keys.record + id)));
      return new Set(ids.filter((_, index) => Number(found[index]) === 1));
    },
    put: (records) => put(namespace, records),
    async nearest(query, count, unless) {
      const meta = await readMeta(namespace);
      return meta === null ? [] : nearest(namespace, meta, search, query, count, unless);
    },
    batches: () => batches(namespace),
    remove: (ids) => remove(namespace, ids),
    rebuild: (renew) => rebuildVectors(namespace, () => batches(namespace), renew),
    stats: () => stats(namespace),
    async clear() {
      await removeLeftovers(namespace);
      await remove(namespace, await allIds(namespace));
    },
    close: async () => redis.close(),
  };
}

async function put(namespace: RedisNamespace, records: readonly StoredRecord[]): Promise<string[]> {
  const [first] = records;
  if (first === undefined) return [];
  const { redis, keys } = namespace;
  const generation = randomUUID().replaceAll("-", "");
  const reply = texts(
    await redis.command(
      ...["EVAL" as const, putScript, 2, keys.meta, keys.ids],
      ...[keys.record, keys.vector, keys.ai, generation, first.embeddingModel, first.dimension],
      ...records.flatMap(recordArguments),
    ),
  );
  if (reply[0] !== "other") return reply.slice(1).map(String);
  const made = { where: namespace.where, embeddingModel: reply[1] ?? "", dimension: Number(reply[2]) };
  throw made.embeddingModel === first.embeddingModel
    ? dimensionMismatch(made, first.dimension)
    : modelMismatch(made, first.embeddingModel);
}

async function nearest(
  namespace: RedisNamespace,
  meta: Meta,
  search: RedisSearch,
  query: Query,
  count: number,
  unless: Parameters<RedisSearch>[3],
): Promise<Recalled[]> {
  const found = await search(meta, query, count, unless);
  const scores = new Map(found.map(({ id, score }) => [id, score]));
  const records = await fetchRecords(
    namespace,
    found.map(({ id }) => id),
  );
  return records.map((record) => ({ ...record, score: scores.get(record.id) ?? 0 }));
}

const allIds = async ({ redis, keys }: RedisNamespace): Promise<string[]> =>
  texts(await redis.command("ZRANGE", keys.ids, 0, -1)).map(String);

async function* batches(namespace: RedisNamespace): AsyncGenerator<StoredRecord[]> {
  const meta = await readMeta(namespace);
  if (meta === null) return;
  const ids = await allIds(namespace);
  for (let from = 0; from < ids.length; from += batchLength) {
    const records = await fetchRecords(namespace, ids.slice(from, from + batchLength));
    const vectors = await Promise.all(records.map(({ id }) => readVectors(namespace, meta, id)));
    const { embeddingModel, dimension } = meta;
    yield records.map((record, index) => ({ ...record, embeddingModel, dimension, vectors: vectors[index] ?? [] }));
  }
}

async function remove({ redis, keys }: RedisNamespace, ids: readonly string[]): Promise<number> {
  let removed = 0;
  for (let from = 0; from < ids.length; from += batchLength) {
    const batch = ids.slice(from, from + batchLength);
    const scope = [keys.meta, keys.ids, keys.record, keys.vector, keys.ai];
    removed += Number(await redis.command("EVAL", removeScript, 2, ...scope, ...batch));
  }
  return removed;
}

async function stats(namespace: RedisNamespace): Promise<MemoryStats> {
  const { redis } = namespace;
  const meta = await readMeta(namespace);
  const ids = await allIds(namespace);
  const records = await countThere(namespace, ids);
  const way = redis.hasEngine ? "with the query engine" : "without the query engine, exact search here";
  const lost = records < ids.length ? `; ${ids.length - records} of ${ids.length} were thrown out by the server` : "";
  return {
    backend: "redis",
    records,
    embeddingModel: meta?.embeddingModel ?? null,
    dimension: meta?.dimension ?? null,
    bytes: null,
    detail: `${redis.version} at ${redis.address} ${way}${lost}`,
  };
}

/** How many of these records the server still has: one that is full may throw out any key, if it is told to. */
async function countThere({ redis, keys }: RedisNamespace, ids: readonly string[]): Promise<number> {
  let there = 0;
  for (let from = 0; from < ids.length; from += countedAtOnce) {
    const asked = ids.slice(from, from + countedAtOnce).map((id) => keys.record + id);
    there += Number(await redis.command("EXISTS", ...asked));
  }
  return there;
}
