import { createHash } from "node:crypto";
import { basename } from "node:path";
import { memoryFolder } from "../memory-folder.js";

/** Where one AI's records lie on the server: all keys begin with the index's name and a colon. */
export type RedisKeys = {
  /** Hash: format, generation, embeddingModel, dimension, sequence. */
  meta: string;
  /** Sorted set of the records' ids by the number under which they were stored. */
  ids: string;
  /** With an id behind it: hash of text, source, time, and `pieces:<generation>`, the number of its vectors. */
  record: string;
  /** With `<dimension>:<ai>:<generation>:<id>:<piece>` behind it: hash of vector, record, memory, run, step. */
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

/** A short word of digits and letters a to f that stands for a name, since the query engine gives others a meaning. */
export const tag = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 20);

/** What the keys of all vectors of one dimension begin with: the query engine has an index for each. */
export const vectorPrefix = ({ vector }: RedisKeys, dimension: number): string => `${vector}${dimension}:`;

/** What the keys of one generation of one AI's vectors begin with. */
export const generationPrefix = (keys: RedisKeys, dimension: number, generation: string): string =>
  `${vectorPrefix(keys, dimension)}${keys.ai}:${generation}:`;
