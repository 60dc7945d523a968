import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf } from "../errors.js";
import type { Embed } from "./memory.js";
import { openVectorFile, type VectorFile } from "./vector-file.js";

export type EmbeddingCacheOptions = {
  /** Where the vectors of all models are kept. */
  directory: string;
  model: string;
  warn(message: string): void;
};

/**
 * Embeds no text twice: what has a vector on disk is not asked for again, by whichever process. A cache that cannot be
 * read or written is said once through `warn` and costs nothing else.
 */
export function withEmbeddingCache(embed: Embed, { directory, model, warn }: EmbeddingCacheOptions): Embed {
  const file = openVectorFile(join(directory, fileName(model)));
  let works = true;
  const attempt = async <Result>(work: Promise<Result>, instead: Result): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      if (works) warn(`The vectors in ${directory} cannot be used, so texts are embedded again: ${messageOf(error)}`);
      works = false;
      return instead;
    }
  };
  const find: VectorFile["find"] = async (texts) => (works ? attempt(file.find(texts), new Map()) : new Map());
  return async (texts, call) => {
    const vectors = await find(texts);
    const missing = [...new Set(texts)].filter((text) => !vectors.has(text));
    if (missing.length > 0) {
      const given = await embed(missing, call);
      if (given.length !== missing.length) {
        throw new Error(`The embedding model was asked for ${missing.length} vectors and gave ${given.length}.`);
      }
      const fresh = new Map(missing.map((text, index) => [text, given[index] as Float32Array]));
      for (const [text, vector] of fresh) vectors.set(text, vector);
      if (works && given.every(isVector)) await attempt(file.add(fresh), undefined);
    }
    return texts.map((text) => vectors.get(text) as Float32Array);
  };
}

const isVector = (vector: Float32Array): boolean => vector.length > 0 && vector.every(Number.isFinite);

/** Different models have different files, also where file names ignore case. */
function fileName(model: string): string {
  const safe = model.replace(/[^\p{L}\p{N}_.-]+/gu, "-").slice(0, 60);
  return `${safe}-${createHash("sha256").update(model).digest("hex").slice(0, 10)}`;
}
