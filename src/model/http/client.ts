import type { Answer } from "./exchange.js";
import { longestTimer } from "../../base/abort.js";
import { ConnectionFailure, RefusedRequest, UnexpectedStatus } from "./errors.js";
import { fetchAnswer, type Asking } from "./fetch.js";

export type ClientOptions = {
  baseUrl: string;
  apiKey: string | undefined;
  organization: string | undefined;
  /** Azure's form of the protocol; with `token` the key is sent as a token is. */
  azure: { token: boolean } | undefined;
  /** The proxy to ask through; null: directly. */
  proxy: URL | null;
};

export type ClientRequest = {
  signal: AbortSignal;
  query: Record<string, string> | undefined;
  /** JSON. */
  body?: string | Uint8Array;
};

/**
 * Sends requests in the way of OpenAI's protocol, once each. Resolves to an answer with status 200 as it begins. Throws RefusedRequest,
 * ConnectionFailure or UnexpectedStatus.
 */
export interface Client {
  post(path: string, request: ClientRequest): Promise<Answer>;
  get(path: string, request: ClientRequest): Promise<Answer>;
}

/** The package `openai`, which is loaded with the first request; connects nothing yet. No other file knows it. */
export function createClient(options: ClientOptions): Client {
  let opened: Promise<Client> | undefined;
  const open = (): Promise<Client> => (opened ??= openClient(options));
  return {
    post: async (path, request) => (await open()).post(path, request),
    get: async (path, request) => (await open()).get(path, request),
  };
}

async function openClient({ baseUrl, apiKey, organization, azure, proxy }: ClientOptions): Promise<Client> {
  const { OpenAI, APIConnectionError } = await import("openai");
  const client = new OpenAI({
    baseURL: baseUrl,
    // The package insists on a key; where there is none, or Azure wants it elsewhere, the header is taken out again.
    apiKey: apiKey ?? "none",
    ...(apiKey === undefined && { defaultHeaders: { Authorization: null } }),
    ...(azure && !azure.token && { defaultHeaders: { Authorization: null, "api-key": apiKey ?? null } }),
    organization: organization ?? null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    // Whoever asks ends a request earlier, and waits for its body as well.
    timeout: longestTimer,
    logLevel: "off",
    // Of an answer the package reads whether it is a good one, and its headers; the rest it hands on as it is.
    fetch: async (address, init) =>
      ({ ...(await fetchAnswer(address as string, init as Asking, proxy)), ok: true }) as unknown as Response,
  });
  const ownError = (thrown: unknown): never => {
    if (!(thrown instanceof APIConnectionError)) throw thrown;
    const { cause } = thrown;
    const isOwn = [ConnectionFailure, UnexpectedStatus, RefusedRequest].some((kind) => cause instanceof kind);
    throw isOwn ? cause : new ConnectionFailure("unknown", true);
  };
  const headers = { "content-type": "application/json" };
  const answerOf = (asked: { asResponse(): Promise<Response> }): Promise<Answer> =>
    (asked.asResponse() as Promise<unknown> as Promise<Answer>).catch(ownError);
  return {
    post: (path, request) => answerOf(client.post(path, { ...request, headers })),
    get: (path, { signal, query }) => answerOf(client.get(path, { signal, query })),
  };
}
