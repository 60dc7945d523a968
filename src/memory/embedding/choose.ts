import { commandLine } from "../../base/process/command-line.js";
import { ModelError, SettingsError } from "../../errors.js";
import { embedRecords } from "./embed-pieces.js";
import { modelMismatch } from "./mismatch.js";
import type { ChooseEmbedding, Embed, Embedding, MadeWith, NextTexts } from "../memory.js";
import { hasOfflineEmbedding, missingPackages, offlineModel } from "./offline.js";
import type { EmbeddingProvider } from "./providers.js";

/** The name of the model in a memory that recalls by words. */
export const wordSearchModel = "words";

export type ChoiceOptions = {
  provider: EmbeddingProvider;
  /** The model and the server of the settings. */
  endpoint: { model: string; address: string; embed: Embed };
  /** Makes the offline embedding, which is loaded at its first use. */
  offline(): Embed;
  signal: AbortSignal;
  /** Is told, once, of a choice that the user may not expect. */
  warn(message: string): void;
};

/**
 * Decides what embeds, by EMBEDDING_PROVIDER. `auto` keeps what a memory was made with. For a new one it takes the
 * server's model; where the server has none, the offline model; where that is not installed, words. A failure that may
 * pass (the server is busy …) decides nothing: it is thrown, and the next call tries again.
 */
export function createEmbeddingChoice(options: ChoiceOptions): ChooseEmbedding {
  const { provider, signal } = options;
  let found: Promise<Embedding> | undefined;
  const chooseNew = async (next: NextTexts): Promise<Embedding> => {
    if (provider !== "auto") return embeddingBy(provider, options);
    try {
      return await (found ??= findOut(options, next));
    } catch (error) {
      found = undefined;
      throw error;
    }
  };
  return async (madeWith, next = { texts: [], call: { step: 0, signal } }) => {
    if (madeWith === null) return chooseNew(next);
    const wanted = provider === "auto" ? providerOf(madeWith) : provider;
    const embedding = embeddingBy(wanted, options);
    if (embedding.model !== madeWith.embeddingModel) throw contradiction(madeWith, embedding, wanted);
    return embedding;
  };
}

type Known = Exclude<EmbeddingProvider, "auto">;

function embeddingBy(provider: Known, { endpoint, offline }: ChoiceOptions): Embedding {
  switch (provider) {
    case "endpoint":
      return { model: endpoint.model, embed: endpoint.embed };
    case "local":
      if (!hasOfflineEmbedding()) throw missingPackages();
      return { model: offlineModel, embed: offline() };
    case "none":
      return { model: wordSearchModel, embed: null };
  }
}

/** Embeds the next texts to see whether the server can; their vectors are in the cache when they are needed. */
async function findOut(options: ChoiceOptions, { texts, call }: NextTexts): Promise<Embedding> {
  const { endpoint, warn } = options;
  try {
    await embedRecords(endpoint.embed, texts.length > 0 ? texts : ["memory"], call);
    return embeddingBy("endpoint", options);
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind !== "unknown-model") throw error;
    const isInstalled = hasOfflineEmbedding();
    warn(`${offersNone(endpoint)} ${isInstalled ? offlineIsUsed() : wordsAreUsed()}`);
    return embeddingBy(isInstalled ? "local" : "none", options);
  }
}

function providerOf({ embeddingModel, dimension }: MadeWith): Known {
  if (dimension === 0) return "none";
  return embeddingModel === offlineModel ? "local" : "endpoint";
}

/** The error for a memory that was made with something else than the settings ask for. */
function contradiction(madeWith: MadeWith, { model }: Embedding, wanted: EmbeddingProvider): SettingsError {
  const made = providerOf(madeWith);
  if (made === "endpoint" && wanted === "endpoint") return modelMismatch(madeWith, model);
  const how = {
    endpoint: `with ${madeWith.embeddingModel}`,
    local: `with ${offlineModel}`,
    none: "to be found by words",
  };
  return new SettingsError(
    `The memory ${madeWith.where} was made ${how[made]}, and EMBEDDING_PROVIDER is now ${wanted}; the two cannot be mixed. ` +
      `Set EMBEDDING_PROVIDER=auto or ${made}, run ${commandLine("memory reembed")}, or start over with --wipe-memory.`,
  );
}

const offersNone = ({ model, address }: ChoiceOptions["endpoint"]): string =>
  `${address} has no embeddings by ${model}:`;
const kept = (): string => `The choice is kept with the memory; ${commandLine("memory reembed")} makes it anew.`;
const offlineIsUsed = (): string =>
  `memory uses the offline model ${offlineModel} instead, which understands English only. ${kept()}`;
const wordsAreUsed = (): string => `memory recalls by words, since @energetic-ai is not installed either. ${kept()}`;

/**
 * Accepts a memory of any model, for subcommands that only read or remove records. Where something has to be embedded
 * after all, the settings decide, and may refuse.
 */
export const asItIs =
  (choose: ChooseEmbedding): ChooseEmbedding =>
  async (madeWith, next) => {
    if (madeWith === null) return choose(null, next);
    const { embeddingModel: model, dimension } = madeWith;
    if (dimension === 0) return { model, embed: null };
    return { model, embed: async (texts, call) => (await choose(madeWith)).embed?.(texts, call) ?? [] };
  };
