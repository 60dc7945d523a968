import type { ModelChoice, RunLimits, Totals } from "../history/event-parts.js";
import { join } from "node:path";
import type { Tape } from "../cassette/tape.js";
import { composeChat } from "./chat.js";
import { createImages } from "./images.js";
import { tapedEmbed, tapedFinds, waitsOf, withTape } from "./tape/taped-models.js";
import type { Emit } from "../history/emit.js";
import { createEmbeddingChoice } from "../memory/embedding/choose.js";
import { withEmbeddingCache } from "../memory/embedding/cache.js";
import { wantsOneLine, withFittingTexts, withoutLineEnds } from "../memory/embedding/fitting-texts.js";
import type { ChooseEmbedding, Embed } from "../memory/memory.js";
import { createOfflineEmbed, offlineModel } from "../memory/embedding/offline.js";
import { effortFor } from "../model/catalog/effort.js";
import type { ModelEntry } from "../model/catalog/model-entry.js";
import { withFallback } from "../model/fallback.js";
import { createGovernor, type Governor, type GovernorOptions } from "../model/budget/governor.js";
import type { Pace } from "../model/http/pace.js";
import type { ChatModel, ImageModel } from "../model/model.js";
import type { Reserve } from "../model/budget/reserve.js";
import { openAiEmbeddings } from "../model/openai/embeddings.js";
import { requirePrice } from "../model/catalog/price.js";
import { withRetry } from "../model/retry.js";
import { createTokenCounter, type TokenCounter } from "../model/tokens.js";
import { asksEmbeddings, openServer, type OpenServer } from "./server.js";
import { requireKey } from "../settings/require-key.js";
import type { Settings } from "../settings/schema.js";

const usualAnswerTokens = 4_000;
/** Hidden reasoning needs this many times the room of an answer. */
const reasoningRoom = 4;
/** In a small window the answer gets at most this share. */
const answerShare = 1 / 4;
const leastContextTokens = 500;
/** Embeddings are not worth a long wait: without them a step goes on without memories. */
const embeddingRetries = 2;
const embeddingPatienceMs = 60_000;

/** A chat model and how much goes in and out of it, in tokens. */
export type SizedModel = {
  model: ChatModel;
  counter: TokenCounter;
  contextTokens: number;
  answerTokens: number;
  mostAnswerTokens: number;
  /** What is held back for the last request of a loop that asks this model. */
  reserve: Reserve;
};
export type Models = {
  smart: SizedModel;
  fast: SizedModel;
  chooseEmbedding: ChooseEmbedding;
  /** The server that all of them are asked at. */
  opened: OpenServer;
  /** For what has a flat price. */
  flatCharge: Governor["flatCharge"];
  /** Null where no provider of pictures can be used. */
  images: ImageModel | null;
  totals(): Totals;
};

export type EmbeddingsRequest = {
  settings: Settings;
  memoryBackend: Settings["memoryBackend"];
  limits: RunLimits;
  spent: Totals | null;
  emit: Emit;
  signal: AbortSignal;
  /** Says something to the person that is no event. */
  warn(text: string): void;
  /** Is told what is waited for, where no event says it. */
  heard?: ((what: string) => void) | undefined;
  /** What keeps several runs within the limits of their server, if anything. */
  pace?: Pace | undefined;
  /** Sets aside what a request may cost in a budget that other runs share, if there is one. */
  reserveShared?: GovernorOptions["reserveShared"];
  /** Embeds everything anew, also what has been embedded before. */
  renew?: boolean;
  /** What stands between the models and their server. */
  tape?: Tape | null;
};
export type ModelsRequest = EmbeddingsRequest & { only: ModelChoice };

/** Every model of a run: one server, one governor over all of them. Throws SettingsError, for a missing price too. */
export async function createModels(request: ModelsRequest): Promise<Models> {
  const { settings, only, warn } = request;
  const parts = await openParts(request);
  const { opened, governor } = parts;
  const smart = sizedModel(parts, only === "fast" ? "fast" : "smart");
  const fast = sizedModel(parts, only === "smart" ? "smart" : "fast");
  for (const role of only === null ? (["smart", "fast"] as const) : [only]) sayOtherEffort(parts, role);
  const falls = settings.smartFallback && only === null;
  return {
    smart: falls ? { ...smart, model: withFallback(smart.model, fast.model, warn) } : smart,
    fast,
    chooseEmbedding: embeddingChoice(parts),
    opened,
    flatCharge: governor.flatCharge,
    images: createImages({ ...parts, counterOf: (entry) => counterOf(parts, entry) }),
    totals: governor.totals,
  };
}

/** What embeds, for whoever uses the memory outside a run: under limits of its own. Throws as createModels does. */
export async function createEmbeddings(
  request: EmbeddingsRequest,
): Promise<Pick<Models, "chooseEmbedding" | "totals">> {
  const parts = await openParts(request);
  return { chooseEmbedding: embeddingChoice(parts), totals: parts.governor.totals };
}

async function openParts(request: EmbeddingsRequest): Promise<Parts> {
  const { settings, limits, spent, emit } = request;
  const opened = withTape(await openServer(settings, undefined, request.pace), request.tape ?? null);
  const governor = createGovernor({
    limits: { costUsd: limits.costUsd ?? undefined, tokens: limits.tokens ?? undefined },
    spent: spent ?? undefined,
    emit,
    reserveShared: request.reserveShared,
  });
  return { request, opened, governor, counters: new Map() };
}

type Parts = {
  request: EmbeddingsRequest;
  opened: OpenServer;
  governor: Governor;
  counters: Map<string, TokenCounter>;
};

function sizedModel(parts: Parts, role: "smart" | "fast"): SizedModel {
  const { request, opened } = parts;
  const { settings } = request;
  const composed = {
    ...parts,
    ...request,
    ...waitsOf(request.tape),
    counterOf: (one: ModelEntry) => counterOf(parts, one),
  };
  const { model, entry, sent, counter } = composeChat(composed, role);
  return {
    model,
    counter,
    reserve: parts.governor.reserveFor(entry, counter),
    ...sizes(
      entry,
      opened.server.capabilities.of(sent).thinks,
      (role === "smart" ? settings.smartTokenLimit : settings.fastTokenLimit) ?? settings.contextTokens,
    ),
  };
}

/** A model that does not take the effort of the settings is asked with the nearest one, which the user is told. */
function sayOtherEffort({ request: { settings, warn }, opened }: Parts, role: "smart" | "fast"): void {
  const { entry } = opened.model(role);
  const effort = effortFor(entry.reasoningEffort, settings.reasoningEffort);
  if (effort === undefined || effort === settings.reasoningEffort) return;
  warn(`${entry.name} does not take REASONING_EFFORT=${settings.reasoningEffort}: it is asked with ${effort}.`);
}

/** Clamps what the settings ask for to what the model can do. */
function sizes({ window = Infinity, maxOutputTokens = Infinity }: ModelEntry, thinks: boolean, contextTokens: number) {
  const wanted = usualAnswerTokens * (thinks ? reasoningRoom : 1);
  const answerTokens = Math.floor(Math.min(wanted, maxOutputTokens, window * answerShare));
  return {
    answerTokens,
    mostAnswerTokens: Math.min(maxOutputTokens, wanted * 4),
    contextTokens: Math.max(leastContextTokens, Math.min(contextTokens, window - answerTokens)),
  };
}

function embeddingChoice(parts: Parts): ChooseEmbedding {
  const { settings, signal, warn, renew = false, tape = null } = parts.request;
  const { server, model } = parts.opened;
  const { name } = model("embedding").entry;
  const directory = join(settings.home, "cache", "embeddings");
  const cached = (by: string, embed: Embed): Embed =>
    withEmbeddingCache(embed, { directory, model: by, warn, renew, ...tapedFinds(tape) });
  const fitting = withFittingTexts(endpointEmbed(parts));
  return createEmbeddingChoice({
    provider: settings.embeddingProvider,
    endpoint: {
      model: name,
      address: server.address,
      embed: cached(name, wantsOneLine(name) ? withoutLineEnds(fitting) : fitting),
    },
    offline: () =>
      cached(
        offlineModel,
        tapedEmbed(
          createOfflineEmbed(() => parts.request.heard?.("the embedding model")),
          tape,
        ),
      ),
    signal,
    warn,
  });
}

/** The server's embedding model under the governor. The cache is outside it, so that what the cache answers costs nothing. */
function endpointEmbed(parts: Parts): Embed {
  const { request, opened, governor } = parts;
  const { settings, limits, memoryBackend, emit } = request;
  const { entry, setting, deployment } = opened.model("embedding");
  if (limits.costUsd !== null && asksEmbeddings({ ...settings, memoryBackend })) requirePrice(entry, setting);
  const counter = counterOf(parts, entry);
  const asked = openAiEmbeddings({ server: opened.server, entry, setting, counter, deployment });
  const model = withRetry(governor.embeddings(asked, entry, counter), {
    retries: Math.min(embeddingRetries, settings.openAiRetries),
    patienceMs: embeddingPatienceMs,
    emit,
    ...waitsOf(request.tape),
  });
  return async (texts, call) => {
    requireKey(settings);
    return (await model.send({ texts, ...call })).vectors;
  };
}

/** One tokeniser for all models of one encoding. */
function counterOf({ counters }: Parts, entry: ModelEntry): TokenCounter {
  const counter = counters.get(entry.encoding) ?? createTokenCounter(entry);
  counters.set(entry.encoding, counter);
  return counter;
}
