import { ModelError, SettingsError } from "../../errors.js";
import { embedRecords } from "./embed-pieces.js";
import { otherModel } from "./refusals.js";
import type { ChooseEmbedding, Embed, Embedding, MadeWith, NextTexts } from "../memory.js";
import { hasOfflineEmbedding, missingPackages, offlineModel } from "./offline.js";

export type EmbeddingProvider = "auto" | "endpoint" | "local" | "none";

/** The name that stands in a memory which is searched by words. */
export const wordSearchModel = "words";

export type ChoiceOptions = {
  provider: EmbeddingProvider;
  /** The model of the settings, at the server of the settings. */
  endpoint: { model: string; address: string; embed: Embed };
  /** Makes the offline embedder, which is loaded at its first use. */
  offline(): Embed;
  signal: AbortSignal;
  /** Says once what was chosen where it is not what one would expect. */
  warn(message: string): void;
};

/**
 * Says what embeds. `auto` keeps what a memory was made with; for a new one it takes the server's model, and where the
 * server has none the offline one, or words alone where that is not installed. A failure that passes chooses nothing.
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

/** Embeds the next texts; the answer is in the cache when it is asked for again. */
async function findOut(options: ChoiceOptions, { texts, call }: NextTexts): Promise<Embedding> {
  const { endpoint, warn } = options;
  try {
    await embedRecords(endpoint.embed, texts.length > 0 ? texts : ["memory"], call);
    return embeddingBy("endpoint", options);
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind !== "unknown-model") throw error;
    const isInstalled = hasOfflineEmbedding();
    warn(`${offersNone(endpoint)} ${isInstalled ? offlineIsUsed : wordsAreUsed}`);
    return embeddingBy(isInstalled ? "local" : "none", options);
  }
}

function providerOf({ embeddingModel, dimension }: MadeWith): Known {
  if (dimension === 0) return "none";
  return embeddingModel === offlineModel ? "local" : "endpoint";
}

/** The settings ask for something else than what the memory was made with. */
function contradiction(madeWith: MadeWith, { model }: Embedding, wanted: EmbeddingProvider): SettingsError {
  const made = providerOf(madeWith);
  if (made === "endpoint" && wanted === "endpoint") return otherModel(madeWith, model);
  const how = {
    endpoint: `with ${madeWith.embeddingModel}`,
    local: `with ${offlineModel}`,
    none: "to be found by words",
  };
  return new SettingsError(
    `The memory ${madeWith.where} was made ${how[made]}, and EMBEDDING_PROVIDER is now ${wanted}; the two cannot be mixed. ` +
      `Set EMBEDDING_PROVIDER=auto or ${made}, run autogpt memory reembed, or start over with --wipe-memory.`,
  );
}

const offersNone = ({ model, address }: ChoiceOptions["endpoint"]): string =>
  `${address} has no embeddings by ${model}:`;
const kept = "The choice is kept with the memory; autogpt memory reembed makes it anew.";
const offlineIsUsed = `memory uses the offline model ${offlineModel} instead, which understands English only. ${kept}`;
const wordsAreUsed = `memory recalls by words, since @energetic-ai is not installed either. ${kept}`;

/**
 * Takes a memory as it is, whatever the settings say, for whoever only looks into it. Where something is to be embedded
 * after all, the settings count again.
 */
export const asItIs =
  (choose: ChooseEmbedding): ChooseEmbedding =>
  async (madeWith, next) => {
    if (madeWith === null) return choose(null, next);
    const { embeddingModel: model, dimension } = madeWith;
    if (dimension === 0) return { model, embed: null };
    return { model, embed: async (texts, call) => (await choose(madeWith)).embed?.(texts, call) ?? [] };
  };
