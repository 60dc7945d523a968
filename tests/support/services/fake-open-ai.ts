import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Prices } from "../../../src/model/catalog/model-entry.js";
import type { Message } from "../../../src/model/model.js";
import { send, strike, type Fault } from "./fake-faults.js";
import { imageAnswer } from "./fake-images.js";
import { textOf, type CacheUse, type PromptCache, type SentMessage } from "./billing/fake-prompt-cache.js";
import { bodyOf, closeServer, listenLocally } from "./local-server.js";
import { bagOfWords, completionBody, embeddingsBody } from "./model-answers.js";
import { accountant, type Accounting } from "./billing/accounting.js";
import {
  faultOf,
  asChat,
  createBackground,
  sendResponse,
  usageInResponse,
  type InputItem,
  type ResponsesBody,
} from "./responses/fake-responses.js";
import { openBill, sharedTokens, tokensOf, type Bill } from "./billing/fake-bill.js";

export type { Fault } from "./fake-faults.js";

export type RecordedRequest = {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  /** The parsed JSON body, contents in parts as their texts; undefined where there was none. */
  body: RequestBody | undefined;
  /** The messages as they were sent. */
  sent: readonly SentMessage[];
  /** The body as it was sent to the Responses API; what `body` has of it is named as in Chat Completions. */
  responses?: ResponsesBody;
};

/**
 * How many replies of its own a request shows to the model: the step of a scripted run, from 0, also where a request is sent again.
 */
export const repliesShown = ({ body }: Pick<RecordedRequest, "body">): number =>
  (body?.messages ?? []).filter(({ role }) => role === "assistant").length;

export type RequestBody = {
  model: string;
  messages: Message[];
  input: string | string[];
  max_tokens?: number;
  max_completion_tokens?: number;
  [parameter: string]: unknown;
};

export type ScriptedAnswer = {
  text?: string | null;
  finishReason?: string;
  /** null: the answer says nothing about usage. */
  usage?: Record<string, unknown> | null;
  status?: number;
  headers?: Record<string, string>;
  /** The whole body, in place of a completion. */
  body?: unknown;
  fault?: Fault;
  /** What the Responses API gives before the text. */
  reasoning?: InputItem;
};
export type ScriptedReply = string | ScriptedAnswer;
export type Script =
  readonly ScriptedReply[] | ((request: RecordedRequest, index: number) => ScriptedReply | Promise<ScriptedReply>);

export type FakeOpenAiOptions = {
  /** The answers in order; a request that is struck by one of `faults` uses none up. */
  chat?: Script;
  /** By number of the chat request, from 0. */
  faults?: Record<number, Fault> | ((request: RecordedRequest, index: number) => Fault | undefined);
  embeddingFaults?: Record<number, Fault>;
  /** Numbers in a vector, 64 unless told. */
  dimension?: number;
  /** For `/models`. */
  models?: { id: string; shutdown_date?: string | null }[];
  /** What goes wrong with `/models`. */
  listFault?: Fault;
  /** In US dollars per million tokens; the built-in catalog's unless told. */
  prices?: Record<string, Prices>;
  /** Cuts longer texts at the request's limit, with finish_reason "length"; true unless told. */
  truncate?: boolean;
  /** Counts what a request shares with the one before as cached, from 1,024 tokens on; or a cache with breakpoints. */
  cache?: boolean | PromptCache;
  /** How it counts what it charges, and what it says of that; as OpenAI does unless told. */
  accounting?: Accounting;
  /** How often an answer in the background is not there yet. */
  backgroundLooks?: number;
  /** How many requests are kept in `requests`, the newest; all unless told. */
  keep?: number;
};

export interface FakeOpenAi {
  /** Ends in `/v1`. */
  url: string;
  /** What is worked on in the background, by id. */
  background: ReturnType<typeof createBackground>["waiting"];
  /** All but the questions for the list of models, which are in `listRequests`. */
  requests: RecordedRequest[];
  listRequests: RecordedRequest[];
  chatRequests(): RecordedRequest[];
  /** Resolves once this many requests have come, those for the list of models left out. */
  arrived(count: number): Promise<void>;
  /** Resolves once the list of models was asked for so often. */
  listed(count: number): Promise<void>;
  /** What a server of this kind would charge so far. Answers that got lost on the way are billed in full. */
  billed(): Bill;
  close(): Promise<void>;
}

const noThoughts = { text: "", reasoning: "", plan: "", criticism: "", speak: "" };

/** The text of a reply in the protocol's JSON. */
export const reply = (
  name: string,
  args: Record<string, unknown> = {},
  thoughts: Record<string, unknown> = {},
): string => JSON.stringify({ thoughts: { ...noThoughts, ...thoughts }, command: { name, args } });

/** The error body of the real service. */
export const errorBody = (
  message: string,
  code: string | null = null,
  param: string | null = null,
  type = "error",
) => ({
  error: { message, type, param, code },
});

/** A server on 127.0.0.1 that speaks the protocol of OpenAI and says what it was told to say. */
export async function startFakeOpenAi(options: FakeOpenAiOptions = {}): Promise<FakeOpenAi> {
  const requests: RecordedRequest[] = [];
  const listRequests: RecordedRequest[] = [];
  const arrivals = new EventEmitter().setMaxListeners(0);
  let count = 0;
  const bill = openBill(options.prices);
  const background = createBackground(options.backgroundLooks ?? 2);
  const routes = { chat: chatRoute(options, bill, background), embeddings: embeddingsRoute(options, bill) };
  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      send(response, 400, errorBody(`the fake server failed: ${String(thrown)}`, "fake_server_fault"));
    });
  });

  function images({ body }: RecordedRequest, response: ServerResponse): void {
    const { input_tokens: prompt, output_tokens: completion } = imageAnswer.usage;
    bill.charge(body?.model ?? "", { prompt, completion });
    send(response, 200, imageAnswer);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const recorded = await record(request);
    const [path = ""] = recorded.path.split("?");
    (path.endsWith("/models") ? listRequests : requests).push(recorded);
    if (!path.endsWith("/models")) count += 1;
    arrivals.emit("arrived");
    if (requests.length > (options.keep ?? Infinity)) requests.shift();
    if (path.endsWith("/chat/completions") || recorded.responses) await routes.chat(recorded, response);
    else if (path.includes("/responses/")) background.look(response, path);
    else if (path.endsWith("/embeddings")) routes.embeddings(recorded, response);
    else if (path.endsWith("/images/generations")) images(recorded, response);
    else if (path.endsWith("/models") && options.listFault) strike(response, options.listFault);
    else if (path.endsWith("/models")) send(response, 200, { object: "list", data: options.models ?? [] });
    else send(response, 404, errorBody(`unknown path ${recorded.path}`));
  }

  const port = await listenLocally(server);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    background: background.waiting,
    requests,
    listRequests,
    chatRequests: () => requests.filter(({ path }) => /\/(?:chat\/completions|responses)(?:\?|$)/.test(path)),
    async arrived(wanted) {
      while (count < wanted) await once(arrivals, "arrived");
    },
    async listed(wanted) {
      while (listRequests.length < wanted) await once(arrivals, "arrived");
    },
    billed: bill.total,
    close: () => closeServer(server),
  };
}

async function record(request: IncomingMessage): Promise<RecordedRequest> {
  const text = await bodyOf(request);
  const path = request.url ?? "";
  const given = text === "" ? undefined : (JSON.parse(text) as RequestBody);
  const responses = /\/responses(?:\?|$)/.test(path) && given ? (given as unknown as ResponsesBody) : undefined;
  const body = responses ? (asChat(responses) as unknown as RequestBody) : given;
  const sent: readonly SentMessage[] = body?.messages ?? [];
  if (body?.messages) body.messages = sent.map((message) => ({ role: message.role, content: textOf(message) }));
  const { method = "", headers } = request;
  return { method, path, headers, body, sent, ...(responses && { responses }) };
}

function chatRoute(
  options: FakeOpenAiOptions,
  bill: ReturnType<typeof openBill>,
  background: ReturnType<typeof createBackground>,
) {
  const books = accountant(options.accounting);
  let seen = 0;
  let used = 0;
  let previous: readonly Message[] = [];
  const cacheUse = ({ body, sent }: RecordedRequest): CacheUse => {
    if (typeof options.cache === "object") return options.cache.use({ ...(body as RequestBody), sent });
    const cached = options.cache ? sharedTokens(previous, body?.messages ?? []) : 0;
    previous = body?.messages ?? [];
    return { cached, written: 0 };
  };
  return async (request: RecordedRequest, response: ServerResponse): Promise<void> => {
    const body = request.body as RequestBody;
    const number = seen++;
    const fault = request.responses && faultOf(request.responses);
    if (fault) return send(response, 400, errorBody(fault.message, fault.code, fault.param, "invalid_request_error"));
    const struck = typeof options.faults === "function" ? options.faults(request, number) : options.faults?.[number];
    const scripted = struck ? { fault: struck } : await nextReply(options.chat ?? [], request, used++);
    const answer = completed(typeof scripted === "string" ? { text: scripted } : scripted);

    const prompt = books.prompt(body);
    const { cached, written } = cacheUse(request);
    const limit = body.max_completion_tokens ?? body.max_tokens ?? 4000;
    if (answer.fault !== undefined) {
      if (typeof answer.fault === "string" || answer.fault.billed)
        bill.charge(body.model, { prompt, cached, written, completion: limit });
      return strike(response, answer.fault);
    }
    const { text, cut, completion } = books.answer(answer.text ?? "", limit, options.truncate !== false);
    bill.charge(body.model, { prompt, cached, written, completion });
    const usage = answer.usage === undefined ? books.report({ prompt, cached, written, completion }) : answer.usage;
    const finish = cut ? "length" : (answer.finishReason ?? "stop");
    const content = answer.text === null ? null : text;
    if (!request.responses)
      return send(response, 200, completionBody(body.model, content, finish, usage), answer.headers);
    const told = { body: request.responses, text: content, finish, usage: usageInResponse(usage) };
    const answered = { ...told, ...(answer.reasoning && { reasoning: answer.reasoning }) };
    if (request.responses.background) background.begin(response, answered);
    else sendResponse(response, answered, answer.headers);
  };
}

/** A scripted answer with its status or body as a fault, and the faults that are answers as answers. */
function completed(answer: ScriptedAnswer): ScriptedAnswer {
  const { status = 200, headers, body, fault } = answer;
  if (fault === "empty-answer") return { text: "" };
  if (fault === "length") return { text: '{"thoughts": {"text": "cut', finishReason: "length" };
  if (fault !== undefined || (body === undefined && status < 400)) return answer;
  return { fault: { status, body: body ?? errorBody("scripted failure"), ...(headers && { headers }) } };
}

async function nextReply(script: Script, request: RecordedRequest, index: number): Promise<ScriptedReply> {
  if (typeof script === "function") return script(request, index);
  const exhausted = errorBody(`the script has only ${script.length} replies`, "script_exhausted");
  return script[index] ?? { status: 400, body: exhausted };
}

function embeddingsRoute(options: FakeOpenAiOptions, bill: ReturnType<typeof openBill>) {
  let seen = 0;
  return (request: RecordedRequest, response: ServerResponse): void => {
    const { model, input } = request.body as RequestBody;
    const fault = options.embeddingFaults?.[seen++];
    const texts = typeof input === "string" ? [input] : input;
    const tokens = texts.reduce((sum, text) => sum + tokensOf(text), 0);
    if (typeof fault !== "object") bill.charge(model, { embedding: tokens });
    if (fault !== undefined) return strike(response, fault);
    const vectors = texts.map((text) => bagOfWords(text, options.dimension));
    const usage = options.accounting?.report?.({ prompt: tokens, cached: 0, completion: 0 });
    send(response, 200, { ...embeddingsBody(model, vectors, tokens), ...(usage !== undefined && { usage }) });
  };
}
