import type { Answer } from "./exchange.js";
import { fetchAnswer } from "./fetch.js";

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
  query: Readonly<Record<string, string>> | undefined;
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

/** Connects nothing yet. A path is what follows the server's address, and begins with a slash. */
export function createClient({ baseUrl, apiKey, organization, azure, proxy }: ClientOptions): Client {
  const headers: Readonly<Record<string, string>> = {
    accept: "application/json",
    ...(apiKey !== undefined &&
      (azure && !azure.token ? { "api-key": apiKey } : { authorization: `Bearer ${apiKey}` })),
    ...(organization !== undefined && { "openai-organization": organization }),
  };
  const ofJson = { ...headers, "content-type": "application/json" };
  const addressOf = (path: string, query: ClientRequest["query"]): URL => {
    const address = new URL(baseUrl + path);
    for (const [name, value] of Object.entries(query ?? {})) address.searchParams.set(name, value);
    return address;
  };
  return {
    post: (path, { query, ...rest }) =>
      fetchAnswer(addressOf(path, query), { ...rest, method: "POST", headers: ofJson }, proxy),
    get: (path, { query, signal }) => fetchAnswer(addressOf(path, query), { signal, headers }, proxy),
  };
}
