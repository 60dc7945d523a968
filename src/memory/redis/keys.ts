import { createHash } from "node:crypto";
import { basename } from "node:path";
import { memoryFolder } from "../memory-folder.js";

/** The keys of one AI's records on the server. All begin with the index's name and a colon. */
export type RedisKeys = {
  /** Hash: format, generation, embeddingModel, dimension, sequence. */
  meta: string;
  /** Sorted set of the records' ids, by the sequence number under which each was stored. */
  ids: string;
  /** Followed by an id: hash of text, source, time, and `pieces:<generation>`, the number of its vectors. */
  record: string;
  /** Followed by `<dimension>:<ai>:<generation>:<id>:<piece>`: hash of vector, record, memory, run, step. */
  vector: string;
  /** Names the AI in the keys of vectors. */
  ai: string;
};

export function redisKeys(index: string, aiName: string): RedisKeys {
  const base = `${index}:${basename(memoryFolder("", index, aiName))}`;
  return {
    meta: `${base}:meta`,
    ids: `${base}:ids`,
    record: `${base}:record:`,
    vector: `${index}:vector:`,
    ai: tag(aiName),
  };
}

/** A short hexadecimal word for a name: in queries of the engine other characters have a meaning. */
export const tag = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 20);

/** What the keys of all vectors of one dimension begin with. The query engine has one index for each dimension. */
export const vectorPrefix = ({ vector }: RedisKeys, dimension: number): string => `${vector}${dimension}:`;

/** What the keys of one generation of one AI's vectors begin with. */
export const generationPrefix = (keys: RedisKeys, dimension: number, generation: string): string =>
  `${vectorPrefix(keys, dimension)}${keys.ai}:${generation}:`;
