import { readFile } from "node:fs/promises";
import { messageOf, SettingsError } from "./errors.js";
import type { Emit, Limits } from "./history/events.js";
import type { Embed } from "./memory/memory.js";
import { parseCatalogExtra } from "./model/catalog-extra.js";
import { createCatalog, type Catalog, type ModelEntry } from "./model/catalog.js";
import { createGovernor, type Governor } from "./model/governor.js";
import { createModelServer, type ModelServer } from "./model/model-server.js";
import type { ChatModel, Totals } from "./model/model.js";
import { openAiChat, openAiEmbeddings } from "./model/open-ai.js";
import { requirePrice } from "./model/price.js";
import { withEmbeddingRetry, withRetry } from "./model/retry.js";
import { createTokenCounter, type TokenCounter } from "./model/tokens.js";
import type { Settings } from "./settings/schema.js";

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
export type Models = { smart: SizedModel; fast: SizedModel; embed: Embed; totals(): Totals };

export type ModelsRequest = {
  settings: Settings;
  only: "fast" | "smart" | null;
  memoryBackend: Settings["memoryBackend"];
  limits: Limits;
  spent: Totals | null;
  emit: Emit;
};

/** Every model of a run: one server, one governor over all of them. Throws SettingsError, for a missing price too. */
export async function createModels(request: ModelsRequest): Promise<Models> {
  const { settings, only, limits, spent, emit } = request;
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
  const parts: Parts = { request, catalog, server, governor, counters: new Map() };
  return {
    smart: sizedModel(parts, only === "fast" ? "fast" : "smart"),
    fast: sizedModel(parts, only === "smart" ? "smart" : "fast"),
    embed: embedding(parts),
    totals: governor.totals,
  };
}

type Parts = {
  request: ModelsRequest;
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
      return yaml.parse(await readFile(file, "utf8")) as unknown;
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

function embedding(parts: Parts): Embed {
  const { request, catalog, server, governor } = parts;
  const { settings, limits, memoryBackend, emit } = request;
  const setting = "EMBEDDING_MODEL";
  const entry = catalog.get(settings.embeddingModel);
  if (limits.costUsd !== null && memoryBackend !== "no_memory") requirePrice(entry, setting);
  const counter = counterOf(parts, entry);
  const asked = openAiEmbeddings({ server, entry, setting, counter });
  const model = withEmbeddingRetry(governor.embeddings(asked, entry, counter), {
    retries: Math.min(embeddingRetries, settings.openAiRetries),
    emit,
  });
  return async (texts, call) => (await model.embed(texts, call)).vectors;
}

/** One tokeniser for all models of one encoding. */
function counterOf({ counters }: Parts, entry: ModelEntry): TokenCounter {
  const counter = counters.get(entry.encoding) ?? createTokenCounter(entry);
  counters.set(entry.encoding, counter);
  return counter;
}
