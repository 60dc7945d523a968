import type { MadeWith, MemoryRecord, StoredRecord } from "../memory.js";
import { SettingsError } from "../../errors.js";
import { parseJson } from "../../base/json.js";
import { isSource } from "../local/record-line.js";
import type { RedisConnection, RedisReply } from "./connection.js";
import { generationPrefix, tag, type RedisKeys } from "./keys.js";

/**
 * What the server holds of a memory. A generation has vectors of one model; `reembed` and `clear` begin another one.
 */
export type Meta = MadeWith & { generation: string; sequence: number };

/** A server and the keys of one AI's records on it; `where` names both in messages. */
export type RedisNamespace = { redis: RedisConnection; keys: RedisKeys; where: string };

/**
 * What the server holds of the memory; null where nothing is stored. Throws SettingsError where a later version stored
 * it.
 */
export async function readMeta({ redis, keys, where }: RedisNamespace): Promise<Meta | null> {
  const fields = ["format", "generation", "embeddingModel", "dimension", "sequence"];
  const [format, generation, embeddingModel, dimension, sequence] = texts(
    await redis.command("HMGET", keys.meta, ...fields),
  );
  if (!generation) return null;
  if (format !== "1") {
    throw new SettingsError(
      `The memory ${where} was made by a later version of this program. Update it, or use --wipe-memory.`,
    );
  }
  return {
    where,
    generation,
    embeddingModel: embeddingModel ?? "",
    dimension: Number(dimension),
    sequence: Number(sequence),
  };
}

/** The records with these ids, in this order and without vectors. Records that are gone or damaged are left out. */
export async function fetchRecords({ redis, keys }: RedisNamespace, ids: readonly string[]): Promise<MemoryRecord[]> {
  const found = await Promise.all(ids.map((id) => redis.command("HMGET", keys.record + id, "text", "source", "time")));
  return found.flatMap((reply, index) => {
    const [text, source, time] = texts(reply);
    const read = parseJson(source ?? "");
    if (text === null || text === undefined || !isSource(read) || !time) return [];
    return { id: ids[index] ?? "", text, source: read, time };
  });
}

/** The vectors of one record in a generation. */
export async function readVectors({ redis, keys }: RedisNamespace, meta: Meta, id: string): Promise<Float32Array[]> {
  const pieces = Number(await redis.command("HGET", keys.record + id, `pieces:${meta.generation}`));
  const prefix = `${generationPrefix(keys, meta.dimension, meta.generation)}${id}:`;
  const found = await Promise.all(
    Array.from({ length: pieces }, (_, piece) => redis.command("HGET", `${prefix}${piece}`, "vector")),
  );
  return found.flatMap((reply) => (Buffer.isBuffer(reply) ? vectorOf(reply) : []));
}

/** One record as arguments of putScript. */
export const recordArguments = ({ id, text, source, time, vectors }: StoredRecord): (string | number | Buffer)[] => [
  ...[id, text, JSON.stringify(source), time, tag(source.run), source.step, vectors.length],
  ...vectors.map(vectorBytes),
];

/** The fields of the hash that holds one vector of a record. */
export const vectorFields = ({ id, source }: StoredRecord, vector: Float32Array, generation: string) => [
  ...["vector", vectorBytes(vector), "record", id, "memory", generation],
  ...["run", tag(source.run), "step", source.step],
];

/** The vector as 32-bit floats, little-endian. */
export const vectorBytes = (vector: Float32Array): Buffer =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);

const vectorOf = (bytes: Buffer): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer);

/** The texts of a reply that is a list. */
export const texts = (reply: RedisReply): (string | null)[] =>
  Array.isArray(reply) ? reply.map((entry) => (entry === null ? null : String(entry))) : [];
