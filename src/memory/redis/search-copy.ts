import { bestFew } from "../vectors/best-few.js";
import { dotProduct } from "../vectors/cosine.js";
import type { RecallOptions } from "../memory.js";
import { isLeftOut, type Query } from "../record-store.js";
import { fetchRecords, readVectors, texts, type Meta, type RedisNamespace } from "./records.js";
import { countedPlaces, joinByRanks } from "../vectors/join-ranks.js";
import { createWordIndex, type WordIndex } from "../vectors/word-index.js";
import { isAlsoByWords } from "../embedding/offline.js";

export type Found = { id: string; score: number };

/** Finds the nearest records of a memory, best first and none twice. */
export type RedisSearch = (
  meta: Meta,
  query: Query,
  count: number,
  unless: RecallOptions["unless"],
) => Promise<Found[]>;

type CopiedRecord = { id: string; text: string; run: string; step: number; vectors: readonly Float32Array[] };
type LocalCopy = {
  generation: string;
  last: number;
  entries: Map<string, CopiedRecord>;
  /** Made at the first search by words, extended by what comes, and made anew when something was removed. */
  words: WordIndex<CopiedRecord> | null;
};

const emptyCopy = (generation: string): LocalCopy => ({ generation, last: 0, entries: new Map(), words: null });

const batchLength = 200;

/** Searches exactly, in a copy of the vectors in this process. Each search first brings the copy up to date. */
export function createCopySearch(namespace: RedisNamespace): RedisSearch {
  let copy = emptyCopy("");
  let turn: Promise<unknown> = Promise.resolve();
  return async (meta, query, count, unless) => {
    // One after the other, or two searches would both fetch what is new.
    const synced = turn.then(async () => (copy = await inStep(namespace, meta, copy)));
    turn = synced.catch(() => undefined);
    return search(await synced, query, count, unless);
  };
}

async function inStep(namespace: RedisNamespace, meta: Meta, before: LocalCopy): Promise<LocalCopy> {
  const copy = before.generation === meta.generation ? before : emptyCopy(meta.generation);
  await read(namespace, meta, copy, await idsFrom(namespace, `(${copy.last}`));
  if ((await namespace.redis.command("ZCARD", namespace.keys.ids)) === copy.entries.size) return copy;
  // Something was removed, or added meanwhile: compare all ids.
  const all = await idsFrom(namespace, "-inf");
  const there = new Set(all.map(({ id }) => id));
  for (const id of copy.entries.keys()) if (!there.has(id) && copy.entries.delete(id)) copy.words = null;
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
      const isSearched = meta.dimension === 0 || isAlsoByWords(meta.embeddingModel);
      const copied = { id, text: isSearched ? text : "", run, step, vectors: vectors[index] ?? [] };
      copy.entries.set(id, copied);
      copy.words?.add(copied, text);
    });
    copy.last = Math.max(copy.last, ...batch.map(({ sequence }) => sequence));
  }
}

function search(copy: LocalCopy, query: Query, count: number, unless: RecallOptions["unless"]): Found[] {
  const isWanted = (entry: CopiedRecord): boolean => !isLeftOut(entry, unless);
  const { vector, words } = query;
  if (vector === undefined) return byWords(copy, words, count, isWanted);
  if (words === undefined) return byVector(copy, vector, count, isWanted);
  // A text that is there many times would take the places of others.
  const texts = new Set<string>();
  const firsts = new Set([...copy.entries.values()].filter((entry) => isWanted(entry) && isNew(texts, entry.text)));
  const isFirst = (entry: CopiedRecord): boolean => firsts.has(entry);
  const found = byWords(copy, words, countedPlaces + 1, isFirst);
  const near = byVector(copy, vector, Math.max(count, countedPlaces + 1), isFirst);
  return joinByRanks(near, found, ({ id }) => id).slice(0, count);
}

const isNew = (known: Set<string>, text: string): boolean => !known.has(text) && known.add(text).has(text);

type IsWanted = (entry: CopiedRecord) => boolean;
type Scored = { item: CopiedRecord; score: number };
const foundOf = ({ item, score }: Scored): Found => ({ id: item.id, score });

function byWords(copy: LocalCopy, query: string, count: number, isWanted: IsWanted): Found[] {
  if (copy.words === null) {
    copy.words = createWordIndex();
    for (const entry of copy.entries.values()) copy.words.add(entry, entry.text);
  }
  return copy.words.best(query, count, isWanted).map(foundOf);
}

function byVector({ entries }: LocalCopy, query: Float32Array, count: number, isWanted: IsWanted): Found[] {
  const scored = [...entries.values()].filter((entry) => entry.vectors.length > 0 && isWanted(entry));
  const scoreOf = ({ vectors }: CopiedRecord): number =>
    Math.max(...vectors.map((vector) => dotProduct(vector, query)));
  return bestFew(scored, scoreOf, count).map(foundOf);
}
