import { join } from "node:path";
import { messageOf, SettingsError } from "./errors.js";
import { createImages } from "./create-images.js";
import type { Emit, Limits } from "./history/events.js";
import { createEmbeddingChoice, type EmbeddingChoice } from "./memory/choose-embedding.js";
import { withEmbeddingCache } from "./memory/embedding-cache.js";
import { wantsOneLine, withFittingTexts, withoutLineEnds } from "./memory/fitting-texts.js";
import type { Embed } from "./memory/memory.js";
import { createOfflineEmbed, offlineModel } from "./memory/offline-embedding.js";
import { parseCatalogExtra } from "./model/catalog-extra.js";
import { createCatalog, type Catalog, type ModelEntry } from "./model/catalog.js";
import { createGovernor, type Governor } from "./model/governor.js";
import { createModelServer, type ModelServer } from "./model/model-server.js";
import type { ChatModel, ImageModel, Totals } from "./model/model.js";
import { openAiChat, openAiEmbeddings } from "./model/open-ai.js";
import { requirePrice } from "./model/price.js";
import { withEmbeddingRetry, withRetry } from "./model/retry.js";
import { createTokenCounter, type TokenCounter } from "./model/tokens.js";
import { requireKey } from "./settings/require-key.js";
import type { Settings } from "./settings/schema.js";
import { readTextFile } from "./settings/text-file.js";

const usualAnswerTokens = 4_000;
/** In a small window the answer gets at most this share. */
const answerShare = 1 / 4;
const leastContextTokens = 500;
/** Embeddings are not worth a long wait: without them a step goes on without memories. */
const embeddingRetries = 2;

/** A chat model and how much goes in and out of it, in tokens. */
export type SizedModel = {
  model: ChatModel;
  counter: TokenCounter;
  contextTokens: number;
  answerTokens: number;
  mostAnswerTokens: number;
};
export type Models = {
  smart: SizedModel;
  fast: SizedModel;
  embeddings: EmbeddingChoice;
  /** Null where no provider of pictures can be used. */
  images: ImageModel | null;
  totals(): Totals;
};

export type EmbeddingsRequest = {
  settings: Settings;
  memoryBackend: Settings["memoryBackend"];
  limits: Limits;
  spent: Totals | null;
  emit: Emit;
  signal: AbortSignal;
  warn(message: string): void;
  /** Embeds everything anew, also what has been embedded before. */
  renew?: boolean;
};
export type ModelsRequest = EmbeddingsRequest & { only: "fast" | "smart" | null };

/** Every model of a run: one server, one governor over all of them. Throws SettingsError, for a missing price too. */
export async function createModels(request: ModelsRequest): Promise<Models> {
  const { only } = request;
  const parts = await openParts(request);
  return {
    smart: sizedModel(parts, only === "fast" ? "fast" : "smart"),
    fast: sizedModel(parts, only === "smart" ? "smart" : "fast"),
    embeddings: embeddings(parts),
    images: createImages({ ...parts, request, counterOf: (entry) => counterOf(parts, entry) }),
    totals: parts.governor.totals,
  };
}

/** What embeds, for whoever uses the memory outside a run: under limits of its own. Throws as createModels does. */
export async function createEmbeddings(request: EmbeddingsRequest): Promise<Pick<Models, "embeddings" | "totals">> {
  const parts = await openParts(request);
  return { embeddings: embeddings(parts), totals: parts.governor.totals };
}

async function openParts(request: EmbeddingsRequest): Promise<Parts> {
  const { settings, limits, spent, emit } = request;
  const catalog = await openCatalog(settings.modelCatalog);
  const server = createModelServer({
    baseUrl: settings.openAiBaseUrl,
    apiKey: settings.openAiApiKey,
    organization: settings.openAiOrganization,
    timeoutMs: settings.openAiTimeout * 1000,
  });
  const governor = createGovernor({
    limits: { costUsd: limits.costUsd ?? undefined, tokens: limits.tokens ?? undefined },
    spent: spent ?? undefined,
    emit,
  });
  return { request, catalog, server, governor, counters: new Map() };
}

type Parts = {
  request: EmbeddingsRequest;
  catalog: Catalog;
  server: ModelServer;
  governor: Governor;
  counters: Map<string, TokenCounter>;
};

async function openCatalog(file: string | undefined): Promise<Catalog> {
  if (file === undefined) return createCatalog();
  // A CommonJS package has no other export than this one when it is loaded late from the bundle.
  const { default: yaml } = await import("yaml");
  const read = async (): Promise<unknown> => {
    try {
      const text = await readTextFile(file);
      if (text === null) throw new Error("there is no such file");
      return yaml.parse(text) as unknown;
    } catch (thrown) {
      throw new SettingsError(`MODEL_CATALOG: ${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  return createCatalog(parseCatalogExtra(await read(), file));
}

function sizedModel(parts: Parts, role: "smart" | "fast"): SizedModel {
  const { request, catalog, server, governor } = parts;
  const { settings, limits, emit } = request;
  const setting = role === "smart" ? "SMART_LLM_MODEL" : "FAST_LLM_MODEL";
  const entry = catalog.get(role === "smart" ? settings.smartModel : settings.fastModel);
  if (limits.costUsd !== null) requirePrice(entry, setting);
  const counter = counterOf(parts, entry);
  const asked = openAiChat({
    server,
    entry,
    setting,
    counter,
    temperature: settings.temperature,
    reasoningEffort: settings.reasoningEffort,
    limited: limits.costUsd !== null || limits.tokens !== null,
  });
  const model = withRetry(governor.chat(asked, entry, counter), { retries: settings.openAiRetries, emit });
  return {
    model,
    counter,
    ...sizes(entry, (role === "smart" ? settings.smartTokenLimit : settings.fastTokenLimit) ?? settings.contextTokens),
  };
}

/** Clamps what the settings ask for to what the model can do. */
function sizes({ window = Infinity, maxOutputTokens = Infinity }: ModelEntry, contextTokens: number) {
  const answerTokens = Math.floor(Math.min(usualAnswerTokens, maxOutputTokens, window * answerShare));
  return {
    answerTokens,
    mostAnswerTokens: Math.min(maxOutputTokens, usualAnswerTokens * 4),
    contextTokens: Math.max(leastContextTokens, Math.min(contextTokens, window - answerTokens)),
  };
}

function embeddings(parts: Parts): EmbeddingChoice {
  const { settings, signal, warn, renew = false } = parts.request;
  const directory = join(settings.home, "cache", "embeddings");
  const model = settings.embeddingModel;
  const cached = (name: string, embed: Embed): Embed =>
    withEmbeddingCache(embed, { directory, model: name, warn, renew });
  const fitting = withFittingTexts(endpointEmbed(parts));
  return createEmbeddingChoice({
    provider: settings.embeddingProvider,
    endpoint: {
      model,
      address: parts.server.address,
      embed: cached(model, wantsOneLine(model) ? withoutLineEnds(fitting) : fitting),
    },
    offline: () => cached(offlineModel, createOfflineEmbed()),
    signal,
    warn,
  });
}

/** The server's own model, under the governor: the cache lies above, so what it answers is not counted. */
function endpointEmbed(parts: Parts): Embed {
  const { request, catalog, server, governor } = parts;
  const { settings, limits, memoryBackend, emit } = request;
  const setting = "EMBEDDING_MODEL";
  const entry = catalog.get(settings.embeddingModel);
  const isUsed = memoryBackend !== "no_memory" && ["auto", "endpoint"].includes(settings.embeddingProvider);
  if (limits.costUsd !== null && isUsed) requirePrice(entry, setting);
  const counter = counterOf(parts, entry);
  const asked = openAiEmbeddings({ server, entry, setting, counter });
  const model = withEmbeddingRetry(governor.embeddings(asked, entry, counter), {
    retries: Math.min(embeddingRetries, settings.openAiRetries),
    emit,
  });
  return async (texts, call) => {
    requireKey(settings);
    return (await model.embed(texts, call)).vectors;
  };
}

/** One tokeniser for all models of one encoding. */
function counterOf({ counters }: Parts, entry: ModelEntry): TokenCounter {
  const counter = counters.get(entry.encoding) ?? createTokenCounter(entry);
  counters.set(entry.encoding, counter);
  return counter;
}
