import type { ModelEntry } from "../catalog/model-entry.js";
import type { SetTimer } from "../../base/abort.js";
import type { ModelServer, RequestBody } from "../http/server.js";
import { readCompletion, type Completion } from "./answers.js";
import type { ModelCapabilities } from "./learned/capabilities.js";
import { markMessages } from "./prompt-cache.js";
import { chatParameters, type ChatOptions } from "./request-body.js";
import type { Message } from "../model.js";
import { createStreamedAnswer, errorWithin, type StreamedAnswer, type StreamError } from "./streamed-answer.js";

/** The two ways in which servers are asked to chat: Chat Completions, and Responses. */
export type Api = "chat" | "responses";

/** What is sent besides parameters. `kept`: how many messages, from the first, the server is asked to keep. */
export type Asking = { model: string; messages: readonly Message[]; kept: number };

/** An answer that is waited for, by its id, and no longer than that. */
export type Polling = {
  server: ModelServer;
  response: string;
  signal: AbortSignal;
  timer?: SetTimer | undefined;
  /** In milliseconds. */
  longestMs: number;
};

/** One of these ways: what is sent, and how an answer is read. Nothing else about a chat model depends on it. */
export interface ChatProtocol {
  readonly api: Api;
  /** Behind the server's address. */
  readonly path: string;
  /** What an answer is, in the words of messages. */
  readonly answer: string;
  /** The parameters that limit an answer: a server takes one of them. */
  readonly limits: readonly string[];
  /** The optional parameters that the model takes, under the names by which refusals of them are remembered. */
  parameters(entry: ModelEntry, capabilities: ModelCapabilities, options: ChatOptions): Record<string, unknown>;
  body(asking: Asking, parameters: Record<string, unknown>): RequestBody;
  /** Puts an answer together that comes as a stream. */
  streamed(): StreamedAnswer;
  /** Reads one that comes as a whole; undefined where it is none. */
  read(body: string): Completion | undefined;
  /** Waits for an answer that the server works on, and resolves to its body; absent where no server does that. */
  poll?(polling: Polling, isOver: (body: string) => boolean): Promise<string>;
  /** The error that stands in the place of an answer; undefined where there is none. */
  errorWithin(json: unknown): StreamError | undefined;
}

export const chatCompletions: ChatProtocol = {
  api: "chat",
  path: "/chat/completions",
  answer: "chat completion",
  limits: ["max_tokens", "max_completion_tokens"],
  parameters: chatParameters,
  body: ({ model, messages, kept }, parameters) => ({
    model,
    messages: markMessages(messages, kept),
    ...parameters,
  }),
  streamed: createStreamedAnswer,
  read: readCompletion,
  errorWithin,
};

/** The name under which it is remembered what a model takes when it is asked in this way. */
export const knownAs = (model: string, api: Api): string => (api === "chat" ? model : `${model} (responses)`);
