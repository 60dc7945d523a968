import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { BudgetError, ModelError, type StopReason } from "../../src/errors.js";
import { FailedRequest } from "../../src/model/http/errors.js";
import { createCatalog } from "../../src/model/catalog/catalog.js";
import type { ModelEntry } from "../../src/model/catalog/model-entry.js";
import { createGovernor, type GovernorOptions } from "../../src/model/budget/governor.js";
import type { ChatModel, ChatRequest, ReplySchema } from "../../src/model/model.js";
import type { ModelEvent } from "../../src/history/events.js";
import type { Usage } from "../../src/history/event-parts.js";
import { createModelServer, type ModelServer } from "../../src/model/http/server.js";
import type { SetTimer } from "../../src/base/abort.js";
import { openAiChat, type OpenAiChatOptions } from "../../src/model/openai/chat.js";
import { openAiEmbeddings } from "../../src/model/openai/embeddings.js";
import { responses } from "../../src/model/responses/protocol.js";
import { nanoPerDollar } from "../../src/history/totals.js";
import { costNano, dearestUsage } from "../../src/model/catalog/price.js";
import { withRetry, type RetryOptions } from "../../src/model/retry.js";
import { createTokenCounter } from "../../src/model/tokens.js";
import {
  startFakeOpenAi,
  type FakeOpenAi,
  type FakeOpenAiOptions,
  type RecordedRequest,
} from "../support/services/fake-open-ai.js";

export const key = "sk-test-0123456789";

/** A fake server that ends with the test. */
export async function serve(t: TestContext, options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi(options);
  t.after(() => server.close());
  return server;
}

/** How long a server may be silent, and by which clock. */
type Wait = { timeoutMs?: number | undefined; timer?: SetTimer | undefined };

export const connect = (url: string, { timeoutMs = 60_000, timer }: Wait = {}): ModelServer =>
  createModelServer({ baseUrl: url, apiKey: key, timeoutMs, timer });

type ChatOptions = Partial<OpenAiChatOptions> & Wait;

/** The bare model: one request a call. */
export function chatOn(url: string, model = "gpt-6.1-terra", options: ChatOptions = {}): ChatModel {
  const entry = options.entry ?? createCatalog().get(model);
  const server = options.server ?? connect(url, options);
  const loadResponses = () => Promise.resolve(responses);
  const usual = { server, entry, setting: "SMART_LLM_MODEL", counter: createTokenCounter(entry), loadResponses };
  return openAiChat({ ...usual, ...options });
}

export function embeddingsOn(url: string, model = "text-embedding-3-small") {
  const entry = createCatalog().get(model);
  const counter = createTokenCounter(entry);
  return openAiEmbeddings({ server: connect(url), entry, setting: "EMBEDDING_MODEL", counter });
}

type RunOptions = Wait & {
  model?: string;
  entry?: ModelEntry;
  limits?: GovernorOptions["limits"];
  spent?: GovernorOptions["spent"];
  retry?: Partial<RetryOptions>;
  api?: OpenAiChatOptions["api"];
};

/** Retries around the governor around the model, as the program composes them, with the events they emit. */
export function runOn(url: string, options: RunOptions = {}) {
  const events: ModelEvent[] = [];
  const emit = (event: ModelEvent) => {
    events.push(event);
    return Promise.resolve();
  };
  const entry = options.entry ?? createCatalog().get(options.model ?? "gpt-6.1-terra");
  const governor = createGovernor({ limits: options.limits ?? {}, spent: options.spent, emit });
  const retry = { retries: 3, baseMs: 1, capMs: 5, emit, ...options.retry };
  const bare = chatOn(url, entry.name, {
    entry,
    timeoutMs: options.timeoutMs,
    timer: options.timer,
    api: options.api ?? "chat",
  });
  const embeddingEntry = createCatalog().get("text-embedding-3-small");
  return {
    events,
    types: () => events.map(({ type }) => type),
    governor,
    chat: withRetry(governor.chat(bare, entry), retry),
    embeddings: withRetry(governor.embeddings(embeddingsOn(url), embeddingEntry), retry),
  };
}

/** A form for replies that any text of JSON fits. */
export const replySchema: ReplySchema = { name: "reply", strict: true, schema: { type: "object" } };

/** A request for one thought. */
export const ask = (content = "What next?", more: Partial<ChatRequest> = {}): ChatRequest => ({
  step: 1,
  purpose: "think",
  messages: [{ role: "user", content }],
  answerTokens: 4000,
  signal: new AbortController().signal,
  ...more,
});

/** What a request says besides the model and the messages. */
export const optionalParameters = ({ body }: RecordedRequest): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body ?? {}).filter(([name]) => name !== "model" && name !== "messages"));

/** The failure of a promise that has to fail as a FailedRequest. */
export async function failure(promise: Promise<unknown>): Promise<FailedRequest> {
  const thrown: unknown = await promise.then(
    () => assert.fail("expected a failure"),
    (reason: unknown) => reason,
  );
  assert.ok(thrown instanceof FailedRequest, String(thrown));
  assert.ok(thrown instanceof ModelError);
  assert.doesNotMatch(thrown.message, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  assert.ok(!thrown.message.includes(key));
  return thrown;
}

/** For `assert.rejects`: a request that was not sent, because of this limit. */
export const stoppedBy = (reason: StopReason) => (thrown: unknown) => {
  assert.ok(thrown instanceof BudgetError, String(thrown));
  assert.equal(thrown.reason, reason);
  return true;
};

/** What a use costs, in US dollars. */
export const costUsd = (entry: ModelEntry, usage: Usage): number => costNano(entry, usage) / nanoPerDollar;

/** The most a request can cost, in US dollars: the whole prompt is written to a cache and the answer fills its limit. */
export const worstCaseUsd = (entry: ModelEntry, promptTokens: number, completionTokens: number): number =>
  costUsd(entry, dearestUsage(entry, promptTokens, completionTokens));
