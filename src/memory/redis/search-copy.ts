import { bestFew } from "../vectors/best-few.js";
import { dotProduct } from "../vectors/cosine.js";
import type { RecallOptions } from "../memory.js";
import { isLeftOut, type Query } from "../record-store.js";
import { fetchRecords, readVectors, texts, type Meta, type RedisNamespace } from "./records.js";
import { createWordIndex } from "../vectors/word-index.js";

export type Found = { id: string; score: number };

/** Finds the nearest records of a memory, best first and none twice. */
export type RedisSearch = (
  meta: Meta,
  query: Query,
  count: number,
  unless: RecallOptions["unless"],
) => Promise<Found[]>;

type CopiedRecord = { id: string; text: string; run: string; step: number; vectors: readonly Float32Array[] };
type LocalCopy = { generation: string; last: number; entries: Map<string, CopiedRecord> };

const batchLength = 200;

/** Searches exactly, in a copy of the vectors in this process. Each search first brings the copy up to date. */
export function createCopySearch(namespace: RedisNamespace): RedisSearch {
  let copy: LocalCopy = { generation: "", last: 0, entries: new Map() };
  let turn: Promise<unknown> = Promise.resolve();
  return async (meta, query, count, unless) => {
    // One after the other, or two searches would both fetch what is new.
    const synced = turn.then(async () => (copy = await inStep(namespace, meta, copy)));
    turn = synced.catch(() => undefined);
    return search([...(await synced).entries.values()], query, count, unless);
  };
}

async function inStep(namespace: RedisNamespace, meta: Meta, before: LocalCopy): Promise<LocalCopy> {
  const copy =
    before.generation === meta.generation ? before : { generation: meta.generation, last: 0, entries: new Map() };
  await read(namespace, meta, copy, await idsFrom(namespace, `(${copy.last}`));
  if ((await namespace.redis.command("ZCARD", namespace.keys.ids)) === copy.entries.size) return copy;
  // Something was removed, or added meanwhile: compare all ids.
  const all = await idsFrom(namespace, "-inf");
  const there = new Set(all.map(({ id }) => id));
  for (const id of copy.entries.keys()) if (!there.has(id)) copy.entries.delete(id);
  await read(
    namespace,
    meta,
    copy,
    all.filter(({ id }) => !copy.entries.has(id)),
  );
  return copy;
}

type Numbered = { id: string; sequence: number };

async function idsFrom({ redis, keys }: RedisNamespace, least: string): Promise<Numbered[]> {
  const reply = texts(await redis.command("ZRANGEBYSCORE", keys.ids, least, "+inf", "WITHSCORES"));
  return Array.from({ length: reply.length / 2 }, (_, index) => ({
    id: reply[index * 2] ?? "",
    sequence: Number(reply[index * 2 + 1]),
  }));
}

async function read(namespace: RedisNamespace, meta: Meta, copy: LocalCopy, added: readonly Numbered[]): Promise<void> {
  for (let from = 0; from < added.length; from += batchLength) {
    const batch = added.slice(from, from + batchLength);
    const records = await fetchRecords(
      namespace,
      batch.map(({ id }) => id),
    );
    const vectors = await Promise.all(records.map(({ id }) => readVectors(namespace, meta, id)));
    records.forEach(({ id, text, source: { run, step } }, index) => {
      // The text is needed only for a search by words.
      copy.entries.set(id, { id, text: meta.dimension === 0 ? text : "", run, step, vectors: vectors[index] ?? [] });
    });
    copy.last = Math.max(copy.last, ...batch.map(({ sequence }) => sequence));
  }
}

function search(
  entries: readonly CopiedRecord[],
  query: Query,
  count: number,
  unless: RecallOptions["unless"],
): Found[] {
  const allowed = entries.filter((entry) => !isLeftOut(entry, unless));
  if ("words" in query) {
    const words = createWordIndex<CopiedRecord>();
    for (const entry of allowed) words.add(entry, entry.text);
    return words.best(query.words, count).map(({ item, score }) => ({ id: item.id, score }));
  }
  const scored = allowed.filter(({ vectors }) => vectors.length > 0);
  const scoreOf = ({ vectors }: CopiedRecord): number =>
    Math.max(...vectors.map((vector) => dotProduct(vector, query.vector)));
  return bestFew(scored, scoreOf, count).map(({ item, score }) => ({ id: item.id, score }));
}
