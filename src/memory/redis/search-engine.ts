import { RedisRefusal, type RedisConnection, type RedisReply } from "./connection.js";
import { generationPrefix, tag, vectorPrefix } from "./keys.js";
import { texts, vectorBytes, type Meta, type RedisNamespace } from "./records.js";
import type { RecallOptions } from "../memory.js";
import type { Found, RedisSearch } from "./search-copy.js";

/** Where the engine's own short time limit is reached, it answers with a part of what it should find. */
const searchMs = 10_000;

/**
 * Search by the server's query engine (Redis 8, Redis Stack, Valkey with search). The vectors of one dimension share an
 * index that compares with every one of them, so its answers are exact. `copySearch` is used for searches by words, by them alone
 * or beside a vector, while an index is being filled, and from the first search on that the engine refuses.
 */
export function createEngineSearch(
  namespace: RedisNamespace,
  copySearch: RedisSearch,
  warn: (message: string) => void,
): RedisSearch {
  const ready = new Set<number>();
  let refused = false;
  return async (meta, query, count, unless) => {
    const { vector, words } = query;
    if (refused || vector === undefined || words !== undefined || meta.dimension === 0)
      return copySearch(meta, query, count, unless);
    try {
      if (!ready.has(meta.dimension)) {
        if (!(await isReady(namespace, meta.dimension))) return await copySearch(meta, query, count, unless);
        ready.add(meta.dimension);
      }
      return await search(namespace, meta, vector, count, unless);
    } catch (error) {
      if (!(error instanceof RedisRefusal)) throw error;
      refused = true;
      warn(
        `The query engine at ${namespace.redis.address} refused a search (${error.answer}); the search is done here.`,
      );
      return copySearch(meta, query, count, unless);
    }
  };
}

/** Whether the index is filled. Makes it where it is missing. */
async function isReady(namespace: RedisNamespace, dimension: number): Promise<boolean> {
  const { redis } = namespace;
  const prefix = vectorPrefix(namespace.keys, dimension);
  const name = prefix.slice(0, -1);
  if (!(await exists(redis, name))) await create(redis, name, prefix, dimension);
  const info = fieldsOf(await redis.command("FT.INFO", name));
  const filled = info.get("percent_indexed");
  if (filled !== undefined) return Number(filled) >= 1;
  const filling = info.get("backfill_in_progress");
  return filling === undefined ? info.get("backfill_status") !== "InProgress" : Number(filling) === 0;
}

const exists = async (redis: RedisConnection, name: string): Promise<boolean> =>
  texts(await redis.command("FT._LIST")).includes(name);

async function create(redis: RedisConnection, name: string, prefix: string, dimension: number): Promise<void> {
  const vector = ["VECTOR", "FLAT", 6, "TYPE", "FLOAT32", "DIM", dimension, "DISTANCE_METRIC", "COSINE"];
  const schema = ["vector", ...vector, "memory", "TAG", "run", "TAG", "step", "NUMERIC"];
  try {
    await redis.command("FT.CREATE", name, "ON", "HASH", "PREFIX", 1, prefix, "SCHEMA", ...schema);
  } catch (error) {
    // Another process may have made it in the meantime.
    if (!(error instanceof RedisRefusal) || !(await exists(redis, name))) throw error;
  }
}

async function search(
  namespace: RedisNamespace,
  meta: Meta,
  vector: Float32Array,
  count: number,
  unless: RecallOptions["unless"],
): Promise<Found[]> {
  const own = `@memory:{${meta.generation}}`;
  const without = (unless ?? []).map(({ run, fromStep }) => ` -(@run:{${tag(run)}} @step:[${fromStep} +inf])`);
  const filter = own + without.join("");
  const prefix = generationPrefix(namespace.keys, meta.dimension, meta.generation);
  // A record with several vectors may be found several times; then more are asked for.
  for (let asked = count; ; asked *= 4) {
    const reply = await namespace.redis.command(
      ...["FT.SEARCH" as const, vectorPrefix(namespace.keys, meta.dimension).slice(0, -1)],
      ...[`(${filter})=>[KNN ${asked} @vector $query AS distance]`, "RETURN", 1, "distance"],
      ...["LIMIT", 0, asked, "TIMEOUT", searchMs, "PARAMS", 2, "query", vectorBytes(vector), "DIALECT", 2],
    );
    const pieces = piecesOf(reply, prefix);
    const best = bestByRecord(pieces);
    if (best.length >= count || pieces.length < asked) return best.slice(0, count);
  }
}

/** A reply is the number of matches, then key and fields of each. */
function piecesOf(reply: RedisReply, prefix: string): Found[] {
  const list = Array.isArray(reply) ? reply.slice(1) : [];
  return Array.from({ length: Math.floor(list.length / 2) }, (_, index) => {
    const id = String(list[index * 2])
      .slice(prefix.length)
      .replace(/:\d+$/, "");
    return { id, score: 1 - Number(fieldsOf(list[index * 2 + 1] ?? null).get("distance")) };
  });
}

function bestByRecord(pieces: readonly Found[]): Found[] {
  const best = new Map<string, number>();
  for (const { id, score } of pieces) best.set(id, Math.max(score, best.get(id) ?? -Infinity));
  return [...best].map(([id, score]) => ({ id, score })).sort((one, other) => other.score - one.score);
}

/** The fields of a reply in which names and values alternate. */
function fieldsOf(reply: RedisReply): Map<string, string> {
  const list = Array.isArray(reply) ? reply : [];
  return new Map(
    Array.from({ length: Math.floor(list.length / 2) }, (_, index) => [
      String(list[index * 2]),
      String(list[index * 2 + 1]),
    ]),
  );
}
