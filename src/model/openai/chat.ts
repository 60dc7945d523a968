import type { Effort } from "../catalog/effort.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { FailedRequest, RefusedRequest } from "../http/errors.js";
import type { ModelServer } from "../http/server.js";
import type { ChatModel, ChatRequest, EmbeddingModel } from "../model.js";
import type { Usage } from "../../history/event-parts.js";
import { noUsage } from "../../history/totals.js";
import { mostPromptTokens, mostTokens, schemaTokens, type TokenCounter } from "../tokens.js";
import { readCompletion, readEmbeddings, type Completion } from "./answers.js";
import { oneLine, readErrorBody } from "../http/error-body.js";
import { createAnswerWatch } from "./answer-watch.js";
import { aboutFilter, failureOf } from "./explain-refusal.js";
import { cacheParameter, markMessages, type PromptCacheMode } from "./prompt-cache.js";
import { shapeMessages, chatParameters, embeddingParameters, limitOf } from "./request-body.js";
import { createStreamedAnswer, errorWithin, type StreamedAnswer } from "./streamed-answer.js";
import { parseJson } from "../../base/json.js";
import { settledUsage } from "./usage.js";

export type OpenAiModelOptions = {
  server: ModelServer;
  entry: ModelEntry;
  /** The setting that chose the model, for messages: SMART_LLM_MODEL, FAST_LLM_MODEL, EMBEDDING_MODEL. */
  setting: string;
  /** Counts what the server does not report. */
  counter: TokenCounter;
  /** The name under which Azure knows the model, where that is another one. */
  deployment?: string | undefined;
};
export type OpenAiChatOptions = OpenAiModelOptions & {
  temperature?: number | undefined;
  reasoningEffort?: Effort | undefined;
  /** auto unless told. */
  promptCache?: PromptCacheMode;
  /** Answers must be limited, or a limit of the run could not be kept. */
  limited?: boolean;
  /** Says to the person what is silently wrong with the server. */
  warn?: ((text: string) => void) | undefined;
};

/**
 * A chat model behind OpenAI's protocol: one request a call, no retries, the answer streamed where the server does
 * that. Sends only what the model takes as far as known; what the server refuses is remembered, and the error says
 * `adapted`. An answer that was cut off is a failure, never half a text. Throws FailedRequest.
 */
export function openAiChat(options: OpenAiChatOptions): ChatModel {
  const { server, entry } = options;
  const model = options.deployment ?? entry.name;
  const { warn = () => undefined } = options;
  const watch = createAnswerWatch({ address: server.address, model: entry.name, warn });
  return {
    name: entry.name,
    async send(request) {
      const parameters = parametersOf(options, model, request);
      const completion = await complete(options, { model, parameters, request });
      const { text, finishReason } = completion;
      const usage = await usageOf(options, completion, { parameters, request });
      if (completion.trouble === "filtered") throw withheld(options, usage);
      const thinks = finishReason === "length" && text.trim() === "";
      const promptCache = cacheParameter in parameters;
      server.capabilities.learn(model, {
        ...{ proven: true, usage: !usage.estimated },
        ...(thinks && { thinks }),
        ...(promptCache && { promptCache }),
      });
      const { counter } = options;
      const sentTokens = counter.messageTokens(request.messages);
      watch({
        ...{ text, finishReason, reasoning: completion.reasoning, promptTokens: completion.usage?.promptTokens },
        ...{ sentTokens, isExact: counter.exact },
      });
      const limit = limitOf(parameters) ?? Infinity;
      return { text, finishReason, usage, ...(limit < request.answerTokens && { mostTokens: limit }) };
    },
  };
}

type Sent = { model: string; parameters: Record<string, unknown>; request: ChatRequest };

function parametersOf(options: OpenAiChatOptions, model: string, request: ChatRequest): Sent["parameters"] {
  const { server, entry, reasoningEffort, promptCache: mode = "auto" } = options;
  const { answerTokens, replySchema, repeated, temperature = options.temperature } = request;
  const promptCache = mode === "breakpoints" || (mode === "auto" && entry.promptCache === true);
  return chatParameters(entry, server.capabilities.of(model), {
    ...{ answerTokens, replySchema, repeated },
    ...{ temperature, reasoningEffort, promptCache },
  });
}

async function complete(options: OpenAiChatOptions, { model, parameters, request }: Sent): Promise<Completion> {
  const { server } = options;
  const { onText, signal } = request;
  if (options.limited && limitOf(parameters) === undefined) throw unlimited(options);
  const shaped = shapeMessages(request.messages, server.capabilities.of(model).shape);
  const kept = cacheParameter in parameters ? (request.repeated?.messages ?? 0) : 0;
  const messages = markMessages(shaped, kept);
  onText?.(null);
  const answer = createStreamedAnswer();
  const onData = (data: string): void => hear(answer, data, options, onText);
  const sent = Object.keys(parameters);
  const sending = { sent, answerTokens: limitOf(parameters), signal, onData, begun: answer.begun };
  const completion = await post(options, "/chat/completions", { model, messages, ...parameters }, sending, (body) =>
    body === null ? answer.completion() : wholeCompletion(options, body, onText),
  );
  if (completion) return completion;
  const message = `${server.address} ended its answer before it was complete.`;
  throw new FailedRequest("no-connection", message, { advice: ifThatGoesOn, billed: "reservation" });
}

function wholeCompletion(options: OpenAiChatOptions, body: string, onText: ChatRequest["onText"]): Completion {
  const trouble = errorWithin(parseJson(body));
  if (trouble) throw new RefusedRequest(trouble.status, trouble.errorBody);
  const completion = readCompletion(body);
  if (!completion) throw notAnAnswer(options, body, "chat completion");
  onText?.(completion.text);
  return completion;
}

/** One event of a stream. */
function hear(answer: StreamedAnswer, data: string, options: OpenAiChatOptions, onText: ChatRequest["onText"]): void {
  const event = answer.take(data);
  if (event.kind === "other") throw notAnAnswer(options, data, "chat completion");
  if (event.kind === "piece" && event.text !== "") onText?.(event.text);
  if (event.kind === "error") throw new RefusedRequest(event.status, event.errorBody);
}

function usageOf(
  { entry, counter }: OpenAiModelOptions,
  { text, reasoning, finishReason, usage }: Completion,
  { parameters, request }: Pick<Sent, "parameters" | "request">,
): Promise<Usage> {
  const { messages, replySchema } = request;
  const schema = "response_format" in parameters && replySchema ? schemaTokens(replySchema) : 0;
  return settledUsage(usage, {
    entry,
    counter,
    sentTokens: () => mostPromptTokens(messages, counter) + schema,
    generated: text + reasoning,
    cutAt: finishReason === "length" ? (limitOf(parameters) ?? request.answerTokens) : undefined,
  });
}

/** As `openAiChat`, for a model of embeddings. An empty text is sent as a space, which servers take. */
export function openAiEmbeddings(options: OpenAiModelOptions): EmbeddingModel {
  const { server, entry, counter } = options;
  const model = options.deployment ?? entry.name;
  return {
    name: entry.name,
    async send({ texts, signal }) {
      if (texts.length === 0) return { vectors: [], usage: noUsage };
      const input = texts.map((text) => text || " ");
      const parameters = embeddingParameters(server.capabilities.of(model));
      const sent = Object.keys(parameters);
      const answer = await post(options, "/embeddings", { model, input, ...parameters }, { sent, signal }, (body) => {
        const trouble = errorWithin(parseJson(body ?? ""));
        if (trouble) throw new RefusedRequest(trouble.status, trouble.errorBody);
        const read = readEmbeddings(body ?? "", texts.length);
        if (!read) throw notAnAnswer(options, body ?? "", `list of ${texts.length} vectors of numbers`);
        return read;
      });
      server.capabilities.learn(model, { proven: true });
      const sentTokens = (): number => input.reduce((sum, text) => sum + mostTokens(text, counter) + 1, 0);
      const reported = answer.usage && { ...answer.usage, completionTokens: 0 };
      const usage = await settledUsage(reported, { entry, counter, sentTokens, generated: "" });
      return { vectors: answer.vectors, usage: { ...usage, completionTokens: 0 } };
    },
  };
}

const unlimited = ({ server, entry }: OpenAiModelOptions): FailedRequest =>
  new FailedRequest(
    "refused",
    `${server.address} takes neither max_tokens nor max_completion_tokens for ${entry.name}, so its answers cannot be ` +
      "limited and no limit of cost or tokens could be kept.",
    { advice: "Use another server or model, or run without such a limit." },
  );

/** What was generated was paid for; a part of it alone is no answer. */
const withheld = ({ server, entry }: OpenAiModelOptions, billed: Usage): FailedRequest =>
  new FailedRequest("filtered", `${server.address}: a content filter withheld the answer of ${entry.name}.`, {
    advice: aboutFilter,
    billed,
  });

type Sending = {
  sent: readonly string[];
  answerTokens?: number | undefined;
  signal: AbortSignal;
  onData?: (data: string) => void;
  /** Whether a part of the answer has come. */
  begun?: () => boolean;
};

/** Sends a request and reads its answer; a refusal is explained, wherever in the answer it stands. */
async function post<Answer>(
  options: OpenAiModelOptions,
  path: string,
  body: Parameters<ModelServer["post"]>[1],
  { sent, answerTokens, signal, onData, begun = () => false }: Sending,
  read: (body: string | null) => Answer,
): Promise<Answer> {
  try {
    return read(await options.server.post(path, body, signal, onData));
  } catch (thrown) {
    if (!(thrown instanceof RefusedRequest)) throw thrown;
    throw failureOf(thrown, { ...options, model: body.model, sent, answerTokens, begun: begun() });
  }
}

function notAnAnswer({ server, entry }: OpenAiModelOptions, body: string, expected: string): FailedRequest {
  const line = oneLine(readErrorBody(body).message, server.apiKey, 100);
  return new FailedRequest(
    "not-a-completion",
    `${server.address} answered the request to ${entry.name} with something that is no ${expected}` +
      (line ? `: "${line}".` : "."),
    { advice: ifThatGoesOn, billed: "reservation" },
  );
}

const ifThatGoesOn = "If that goes on, check OPENAI_API_BASE_URL.";
