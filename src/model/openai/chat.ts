import type { Effort } from "../catalog/effort.js";
import { FailedRequest, RefusedRequest } from "../http/errors.js";
import type { ChatModel, ChatRequest } from "../model.js";
import type { Usage } from "../../history/event-parts.js";
import { mostPromptTokens, schemaTokens } from "../tokens.js";
import type { Completion } from "./answers.js";
import { createAnswerWatch } from "./answer-watch.js";
import { chatCompletions, knownAs, type Api, type ChatProtocol } from "./chat-protocol.js";
import { aboutFilter, failureOf } from "./learned/explain-refusal.js";
import { createKeptThinking, type KeptThinking } from "./kept-thinking.js";
import { ifThatGoesOn, notAnAnswer, post, type OpenAiModelOptions } from "./post.js";
import { cacheParameter, type PromptCacheMode } from "./prompt-cache.js";
import { shapeMessages, limitOf } from "./request-body.js";
import type { StreamedAnswer } from "./streamed-answer.js";
import type { SetTimer } from "../../base/abort.js";
import { parseJson } from "../../base/json.js";
import { nativeReply, toolTokens, type Tool } from "../native-calls.js";
import { settledUsage } from "./usage.js";

/** Which API is asked. auto: Chat Completions, but Responses where the catalog or the server says that it has to be. */
export type ApiChoice = Api | "auto";

export type OpenAiChatOptions = OpenAiModelOptions & {
  temperature?: number | undefined;
  reasoningEffort?: Effort | undefined;
  /** auto unless told. */
  promptCache?: PromptCacheMode;
  /** chat unless told. */
  api?: ApiChoice;
  /** Loads the other API, where that is asked; without it, it never is. */
  loadResponses?: () => Promise<ChatProtocol>;
  /** Long answers are worked on without a connection, and asked for by their ids. */
  background?: boolean;
  /** How long such an answer may take, in milliseconds; 20 minutes unless told. */
  longestMs?: number;
  /** The clock by which it is waited for, the system's unless told. */
  timer?: SetTimer | undefined;
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
  const thinking = createKeptThinking(model);
  const watch = createAnswerWatch({ address: server.address, model: entry.name, warn });
  return {
    name: entry.name,
    async send(given) {
      const protocol = await protocolFor(options, model);
      const known = knownAs(model, protocol.api);
      const request = { ...given, messages: thinking.sendable(given.messages, protocol.api === "responses") };
      const parameters = parametersOf(options, protocol, known, request);
      const sent = { protocol, model, known, parameters, request, thinking };
      const completion = given.retrieve ? await retrieved(options, sent) : await complete(options, sent);
      const { finishReason } = completion;
      const text = textOf(completion, "tools" in parameters ? request.tools : undefined);
      const usage = await usageOf(options, completion, { parameters, request });
      if (completion.trouble === "filtered") throw withheld(options, usage);
      const thinks = finishReason === "length" && text.trim() === "";
      const promptCache = cacheParameter in parameters;
      server.capabilities.learn(known, {
        ...{ proven: true, usage: !usage.estimated },
        ...(thinks && { thinks }),
        ...(promptCache && { promptCache }),
      });
      // That it is asked in this way is kept for the next run, too.
      if (known !== model && server.capabilities.of(model).api) server.capabilities.learn(model, { proven: true });
      const { counter } = options;
      const sentTokens = counter.messageTokens(request.messages);
      watch({
        ...{ text, finishReason, reasoning: completion.reasoning, promptTokens: completion.usage?.promptTokens },
        ...{ sentTokens, isExact: counter.exact, refusal: completion.refusal },
      });
      const limit = limitOf(parameters) ?? Infinity;
      const mostTokens = limit < request.answerTokens && { mostTokens: limit };
      // A call that nobody offered is no command, and goes back as what was read of it.
      const isKept = request.purpose === "think" && (!completion.called || "tools" in parameters);
      const reasoning = isKept ? thinking.of(completion) : undefined;
      return { text, finishReason, usage, ...mostTokens, ...(reasoning && { reasoning }) };
    },
  };
}

/** The text of the answer. Where commands were offered as tools, a call of one is turned into the command that it stands for. */
const textOf = ({ text, called }: Completion, tools: readonly Tool[] | undefined): string =>
  called && tools ? nativeReply(called, tools).toWellFormed() : text;

type Chosen = Pick<OpenAiChatOptions, "api" | "entry" | "server" | "background">;

/** The API that a model is asked by: the one that was chosen, or found out; else the one that the catalog names. */
export function apiFor({ api = "chat", entry, server, background }: Chosen, model: string): Api {
  if (api !== "auto") return api;
  const usual = background || entry.background ? "responses" : "chat";
  return server.capabilities.of(model).api ?? entry.api ?? usual;
}

const protocolFor = async (options: OpenAiChatOptions, model: string): Promise<ChatProtocol> =>
  apiFor(options, model) === "responses" && options.loadResponses ? options.loadResponses() : chatCompletions;

type Sent = {
  protocol: ChatProtocol;
  model: string;
  /** The name under which its capabilities are remembered. */
  known: string;
  parameters: Record<string, unknown>;
  request: ChatRequest;
  thinking: KeptThinking;
};

function parametersOf(
  options: OpenAiChatOptions,
  protocol: ChatProtocol,
  known: string,
  request: ChatRequest,
): Sent["parameters"] {
  const { server, entry, reasoningEffort, promptCache: mode = "auto" } = options;
  const { answerTokens, replySchema, repeated, temperature = options.temperature } = request;
  const background = (options.background === true || entry.background === true) && request.purpose === "think";
  const promptCache = mode === "breakpoints" || (mode === "auto" && entry.promptCache === true);
  return protocol.parameters(entry, server.capabilities.of(known), {
    ...{ answerTokens, replySchema, repeated, purpose: request.purpose, tools: request.tools },
    ...{ temperature, reasoningEffort, promptCache, background },
  });
}

async function complete(options: OpenAiChatOptions, sent: Sent): Promise<Completion> {
  const { server, api = "chat" } = options;
  const { protocol, model, known, parameters, request } = sent;
  const { onText, signal } = request;
  if (options.limited && limitOf(parameters) === undefined) throw unlimited(options, protocol);
  const messages = shapeMessages(request.messages, server.capabilities.of(known).shape);
  const kept = cacheParameter in parameters ? (request.repeated?.messages ?? 0) : 0;
  onText?.(null);
  const answer = protocol.streamed();
  const onData = (data: string): void => hear(answer, data, options, sent);
  const asked = { known, api: protocol.api, mayMove: api === "auto" && options.loadResponses !== undefined };
  const change = sent.thinking.changeFor(messages, () => leaveOut(options, known));
  const sending = { sent: Object.keys(parameters), answerTokens: limitOf(parameters), asked, change, signal, onData };
  const body = protocol.body({ model, messages, kept }, parameters);
  const completion = await post(options, protocol.path, body, { ...sending, begun: answer.begun }, (whole) =>
    whole === null ? answer.completion() : wholeCompletion(options, whole, sent),
  );
  if (completion?.pending !== undefined) {
    await request.onWaiting?.(completion.pending);
    return waited(options, sent, completion.pending);
  }
  if (completion) return completion;
  const message = `${server.address} ended its answer before it was complete.`;
  throw new FailedRequest("no-connection", message, { advice: ifThatGoesOn, billed: "reservation" });
}

const usualLongestMs = 20 * 60_000;

/** The answer that the server was working on, once it is there. A refusal in its place is explained like any other. */
async function waited(options: OpenAiChatOptions, sent: Sent, response: string): Promise<Completion> {
  const { server, timer, longestMs = usualLongestMs } = options;
  const { protocol, model, request } = sent;
  if (!protocol.poll) throw notAnAnswer(options, "", protocol.answer);
  const { signal } = request;
  const polling = { server, response, signal, timer, longestMs };
  const body = await protocol.poll(polling, (text) => protocol.read(text)?.pending === undefined);
  try {
    return wholeCompletion(options, body, sent);
  } catch (thrown) {
    if (!(thrown instanceof RefusedRequest)) throw thrown;
    throw failureOf(thrown, { ...options, model, sent: [], begun: true });
  }
}

function retrieved(options: OpenAiChatOptions, sent: Sent): Promise<Completion> {
  const { model = "", response = "" } = sent.request.retrieve ?? {};
  if (model !== options.entry.name || !sent.protocol.poll) throw notAnAnswer(options, "", sent.protocol.answer);
  return waited(options, sent, response);
}

/** The service is no longer asked for what it does not take back. It named no parameter, so it is asked again after a day. */
function leaveOut({ server: { capabilities } }: OpenAiChatOptions, known: string): void {
  const { refused } = capabilities.of(known);
  capabilities.learn(known, { refused: [...refused, "include"], guessed: true });
}

function wholeCompletion(options: OpenAiChatOptions, body: string, { protocol, request }: Sent): Completion {
  const trouble = protocol.errorWithin(parseJson(body));
  if (trouble) throw new RefusedRequest(trouble.status, trouble.errorBody);
  const completion = protocol.read(body);
  if (!completion) throw notAnAnswer(options, body, protocol.answer);
  if (completion.reasoning !== "") request.onThinking?.(completion.reasoning);
  request.onText?.(completion.text);
  return completion;
}

/** One event of a stream. */
function hear(answer: StreamedAnswer, data: string, options: OpenAiChatOptions, { protocol, request }: Sent): void {
  const event = answer.take(data);
  if (event.kind === "other") throw notAnAnswer(options, data, protocol.answer);
  if (event.kind === "piece" && event.thinking) request.onThinking?.(event.thinking);
  if (event.kind === "piece" && event.text !== "") request.onText?.(event.text);
  if (event.kind === "error") throw new RefusedRequest(event.status, event.errorBody);
}

function usageOf(
  { entry, counter }: OpenAiModelOptions,
  { text, reasoning, finishReason, usage }: Completion,
  { parameters, request }: Pick<Sent, "parameters" | "request">,
): Promise<Usage> {
  const { messages, replySchema } = request;
  const tools = "tools" in parameters ? toolTokens(request.tools) : 0;
  const schema = "response_format" in parameters && replySchema ? schemaTokens(replySchema) : 0;
  return settledUsage(usage, {
    entry,
    counter,
    sentTokens: () => mostPromptTokens(messages, counter) + schema + tools,
    generated: text + reasoning,
    cutAt: finishReason === "length" ? (limitOf(parameters) ?? request.answerTokens) : undefined,
  });
}

const unlimited = ({ server, entry }: OpenAiModelOptions, { limits }: ChatProtocol): FailedRequest =>
  new FailedRequest(
    "refused",
    `${server.address} takes ${limits.length === 1 ? `no ${limits[0]}` : `neither ${limits.join(" nor ")}`} for ` +
      `${entry.name}, so its answers cannot be limited and no limit of cost or tokens could be kept.`,
    { advice: "Use another server or model, or run without such a limit." },
  );

/** What was generated was paid for; a part of it alone is no answer. */
const withheld = ({ server, entry }: OpenAiModelOptions, billed: Usage): FailedRequest =>
  new FailedRequest("filtered", `${server.address}: a content filter withheld the answer of ${entry.name}.`, {
    advice: aboutFilter,
    billed,
  });
