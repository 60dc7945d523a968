import { createHash } from "node:crypto";
import { join } from "node:path";
import { isAscii } from "../../base/text.js";
import { messageOf } from "../../errors.js";
import type { Embed } from "../memory.js";
import { openCacheFile } from "./cache-file.js";

export type EmbeddingCacheOptions = {
  /** The folder of the vectors of all models. */
  directory: string;
  model: string;
  /** Embeds everything anew and replaces what is kept: for a server whose model has come to give other vectors. */
  renew?: boolean;
  warn(message: string): void;
  /** Stands around each look into what is kept. */
  find?(look: () => Promise<Map<string, Float32Array>>): Promise<Map<string, Float32Array>>;
};

/**
 * Embeds no text twice: vectors are kept on disk and shared by all processes. Where the cache cannot be read or
 * written, that is said once through `warn`, and every text is embedded.
 */
export function withEmbeddingCache(embed: Embed, options: EmbeddingCacheOptions): Embed {
  const { directory, model, renew = false, warn, find = (look) => look() } = options;
  const file = openCacheFile(join(directory, fileName(model)));
  let works = true;
  const attempt = async <Result>(work: () => Promise<Result>, instead: Result): Promise<Result> => {
    try {
      return works ? await work() : instead;
    } catch (error) {
      warn(`The vectors in ${directory} cannot be used, so texts are embedded again: ${messageOf(error)}`);
      works = false;
      return instead;
    }
  };
  const ask = async (texts: readonly string[], call: Parameters<Embed>[1]): Promise<Map<string, Float32Array>> => {
    const vectors = await embed(texts, call);
    if (vectors.length !== texts.length) {
      throw new Error(`The embedding model was asked for ${texts.length} vectors and gave ${vectors.length}.`);
    }
    const fresh = new Map(texts.map((text, index) => [text, vectors[index] as Float32Array]));
    if (vectors.every(isVector)) await attempt(() => file.add(fresh, { replace: renew }), undefined);
    return fresh;
  };
  return async (texts, call) => {
    const distinct = [...new Set(texts)];
    const known = renew
      ? new Map()
      : await find(() => attempt(() => file.find(distinct), new Map<string, Float32Array>()));
    const missing = distinct.filter((text) => !known.has(text));
    const fresh = missing.length === 0 ? known : await ask(missing, call);
    // Where the model has come to give another dimension, what is known of it is of no use.
    const stale = dimensionOf(known) === dimensionOf(fresh) ? [] : [...known.keys()];
    const renewed = stale.length === 0 ? known : await ask(stale, call);
    return texts.map((text) => (fresh.get(text) ?? renewed.get(text)) as Float32Array);
  };
}

const isVector = (vector: Float32Array): boolean => vector.length > 0 && vector.every(Number.isFinite);

const dimensionOf = (vectors: ReadonlyMap<string, Float32Array>): number => [...vectors.values()][0]?.length ?? 0;

/** A name for each model that differs even where file names ignore case. */
function fileName(model: string): string {
  // An expression for all letters takes V8 long to make.
  const safe = model.replace(isAscii(model) ? /[^a-z0-9_.-]+/gi : /[^\p{L}\p{N}_.-]+/gu, "-").slice(0, 60);
  return `${safe}-${createHash("sha256").update(model).digest("hex").slice(0, 10)}`;
}
