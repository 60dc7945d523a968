import { randomUUID } from "node:crypto";
import type { StoredRecord } from "../memory.js";
import { generationPrefix } from "./keys.js";
import { readMeta, texts, vectorFields, type RedisNamespace } from "./records.js";
import { switchScript } from "./scripts.js";

type Renew = (records: readonly StoredRecord[]) => Promise<StoredRecord[]>;
/** What there is of a new generation so far: by record, the number of its vectors. */
type Built = { model: string; dimension: number; pieces: Map<string, number> };

/**
 * Stores new vectors beside the old ones and, when every record has them, switches to them in one act. Where that is
 * interrupted, everything stays as it was. Resolves to the number of records.
 */
export async function rebuildVectors(
  namespace: RedisNamespace,
  batches: () => AsyncIterable<StoredRecord[]>,
  renew: Renew,
): Promise<number> {
  const { redis, keys } = namespace;
  await removeLeftovers(namespace);
  const generation = randomUUID().replaceAll("-", "");
  const built: Built = { model: "", dimension: 0, pieces: new Map() };
  for (;;) {
    const before = await readMeta(namespace);
    if (before === null) return 0;
    await redis.command("HSET", keys.meta, "rebuilding", generation);
    const there = new Set<string>();
    for await (const batch of batches()) {
      for (const { id } of batch) there.add(id);
      const missing = batch.filter(({ id }) => !built.pieces.has(id));
      if (missing.length > 0) await store(namespace, generation, built, await renew(missing));
    }
    for (const id of built.pieces.keys()) if (!there.has(id)) await dropPieces(namespace, generation, built, id);
    const target = [String(before.sequence), there.size, generation, built.model, built.dimension];
    const switched = await redis.command("EVAL", switchScript, 2, keys.meta, keys.ids, ...target);
    if (switched !== 1) continue;
    await redis.command("HSET", keys.meta, "rebuilding", before.generation);
    await removeLeftovers(namespace);
    return there.size;
  }
}

async function store(
  { redis, keys }: RedisNamespace,
  generation: string,
  built: Built,
  records: readonly StoredRecord[],
): Promise<void> {
  for (const record of records) {
    [built.model, built.dimension] = [record.embeddingModel, record.dimension];
    const prefix = `${generationPrefix(keys, record.dimension, generation)}${record.id}:`;
    await Promise.all(
      record.vectors.map((vector, piece) =>
        redis.command("HSET", `${prefix}${piece}`, ...vectorFields(record, vector, generation)),
      ),
    );
    await redis.command("HSET", keys.record + record.id, `pieces:${generation}`, record.vectors.length);
    built.pieces.set(record.id, record.vectors.length);
  }
}

async function dropPieces(
  { redis, keys }: RedisNamespace,
  generation: string,
  built: Built,
  id: string,
): Promise<void> {
  const prefix = `${generationPrefix(keys, built.dimension, generation)}${id}:`;
  for (let piece = 0; piece < (built.pieces.get(id) ?? 0); piece += 1)
    await redis.command("UNLINK", `${prefix}${piece}`);
  await redis.command("UNLINK", keys.record + id);
  built.pieces.delete(id);
}

/** Removes the vectors of a generation that is not in use: what an interrupted rebuilding, or a finished one, left. */
export async function removeLeftovers({ redis, keys }: RedisNamespace): Promise<void> {
  const [left, used] = texts(await redis.command("HMGET", keys.meta, "rebuilding", "generation"));
  if (!left || left === used) return;
  const pattern = `${keys.vector}*:${keys.ai}:${left}:*`;
  let cursor = "0";
  do {
    const [next, found] = (await redis.command("SCAN", cursor, "MATCH", pattern, "COUNT", 1000)) as [Buffer, Buffer[]];
    if (found.length > 0) await redis.command("UNLINK", ...found);
    cursor = String(next);
  } while (cursor !== "0");
  const ids = texts(await redis.command("ZRANGE", keys.ids, 0, -1));
  await Promise.all(ids.map((id) => redis.command("HDEL", `${keys.record}${id}`, `pieces:${left}`)));
  await redis.command("HDEL", keys.meta, "rebuilding");
}
