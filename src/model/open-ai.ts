import { readCompletion, readEmbeddings } from "./answers.js";
import type { ModelEntry } from "./catalog.js";
import { oneLine, readComplaint } from "./complaint.js";
import { FailedRequest } from "./failed-request.js";
import type { ChatModel, EmbeddingModel } from "./model.js";
import { RefusedRequest, type ModelServer } from "./model-server.js";
import { chatParameters, embeddingParameters, isLimited } from "./parameters.js";
import { failureOf } from "./refusals.js";
import type { TokenCounter } from "./tokens.js";

export type OpenAiModelOptions = {
  server: ModelServer;
  entry: ModelEntry;
  /** The setting that chose the model, for messages: SMART_LLM_MODEL, FAST_LLM_MODEL, EMBEDDING_MODEL. */
  setting: string;
  /** Counts what the server does not report. */
  counter: TokenCounter;
};
export type OpenAiChatOptions = OpenAiModelOptions & {
  temperature?: number | undefined;
  reasoningEffort?: string | undefined;
  /** Whether answers must be limited, because a limit of the run rests on it. */
  limited?: boolean;
};

/**
 * A chat model behind OpenAI's protocol: one request a call, no retries. Sends only the parameters that the model takes
 * as far as known; one that the server refuses is remembered, and the error says `adapted`. Throws FailedRequest.
 */
export function openAiChat(options: OpenAiChatOptions): ChatModel {
  const { server, entry, counter } = options;
  return {
    name: entry.name,
    async chat({ messages, answerTokens, json = false, signal }) {
      const { temperature, reasoningEffort } = options;
      const parameters = chatParameters(entry, server.traits, { answerTokens, json, temperature, reasoningEffort });
      if (options.limited && !isLimited(parameters)) throw unlimited(options);
      const body = await post(options, "/chat/completions", { messages }, parameters, signal);
      const completion = readCompletion(body);
      if (!completion) throw notAnAnswer(options, body, "chat completion");
      const { text, finishReason } = completion;
      const usage = completion.usage ?? {
        promptTokens: counter.messageTokens(messages),
        cachedTokens: 0,
        completionTokens: counter.count(text),
        estimated: true as const,
      };
      return { text, finishReason, usage };
    },
  };
}

/** An embedding model behind OpenAI's protocol; as `openAiChat`. An empty text is sent as a space, which servers take. */
export function openAiEmbeddings(options: OpenAiModelOptions): EmbeddingModel {
  const { server, entry, counter } = options;
  return {
    name: entry.name,
    async embed(texts, { signal }) {
      const none = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
      if (texts.length === 0) return { vectors: [], usage: none };
      const input = texts.map((text) => text || " ");
      const body = await post(options, "/embeddings", { input }, embeddingParameters(entry, server.traits), signal);
      const answer = readEmbeddings(body, texts.length);
      if (!answer) throw notAnAnswer(options, body, `list of ${texts.length} vectors of numbers`);
      const promptTokens = () => input.reduce((sum, text) => sum + counter.count(text), 0);
      const usage = answer.usage ?? { ...none, promptTokens: promptTokens(), estimated: true as const };
      return { vectors: answer.vectors, usage };
    },
  };
}

const unlimited = ({ server, entry }: OpenAiModelOptions): FailedRequest =>
  new FailedRequest(
    "refused",
    `${server.address} takes neither max_tokens nor max_completion_tokens for ${entry.name}, so its answers cannot be ` +
      "limited and no limit of cost or tokens could be kept. Use another server or model, or run without such a limit.",
    { mayBeBilled: false },
  );

async function post(
  options: OpenAiModelOptions,
  path: string,
  content: Record<string, unknown>,
  parameters: Record<string, unknown>,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await options.server.post(path, { model: options.entry.name, ...content, ...parameters }, signal);
  } catch (thrown) {
    if (!(thrown instanceof RefusedRequest)) throw thrown;
    throw failureOf(thrown, { ...options, sent: Object.keys(parameters) });
  }
}

function notAnAnswer({ server, entry }: OpenAiModelOptions, body: string, expected: string): FailedRequest {
  const line = oneLine(readComplaint(body).message, server.apiKey, 100);
  return new FailedRequest(
    "not-a-completion",
    `${server.address} answered the request to ${entry.name} with something that is no ${expected}` +
      `${line ? `: "${line}".` : "."} If that goes on, check OPENAI_API_BASE_URL.`,
    { mayBeBilled: true },
  );
}
