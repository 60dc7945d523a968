import type { OpenAI } from "openai";
import { SettingsError } from "../../errors.js";
import { readEvents } from "./event-stream.js";
import { asFailure, cutOffFailure, withinTime } from "./timeouts.js";
import { createServerCapabilities, type ServerCapabilities } from "../openai/capabilities.js";
import { eventStreamOf, fetchWhole } from "./fetch.js";
import { longestTimer, type SetTimer } from "../../base/abort.js";
import { isOpenAi } from "../../base/address.js";

export type ModelServerOptions = {
  baseUrl: string;
  /** Without a key no Authorization header is sent. */
  apiKey?: string | undefined;
  organization?: string | undefined;
  /** The longest silence: until the answer begins, and between two parts of one that is streamed. */
  timeoutMs: number;
  /** The clock by which it is measured, the system's unless told. */
  timer?: SetTimer | undefined;
  /** Azure's form of the protocol; `version` is null at its v1 address. `token`: the key is sent as a token is. */
  azure?: { version: string | null; token: boolean } | undefined;
  capabilities?: ServerCapabilities | undefined;
};

/** One address that speaks OpenAI's protocol, shared by all models behind it. */
export interface ModelServer {
  /** The address as messages show it. */
  readonly address: string;
  readonly isOpenAi: boolean;
  readonly isAzure: boolean;
  readonly apiKey: string | undefined;
  readonly capabilities: ServerCapabilities;
  /**
   * Sends a JSON body, which names its model. Resolves to the text of the answer with status 200, or to null where it
   * is a stream: `onData` then has had the data of each event. Throws RefusedRequest for other statuses, FailedRequest
   * for a redirect (refused) and where no answer came (no-connection, timeout, not-a-completion), or the reason of
   * `signal`.
   */
  post(path: string, body: RequestBody, signal: AbortSignal, onData?: (data: string) => void): Promise<string | null>;
  /** The text of what lies at a path; `dateHeader` is when the server says it answered. Throws as `post` does. */
  get(path: string, signal: AbortSignal): Promise<{ text: string; dateHeader: string | null }>;
}

export type RequestBody = { model: string; [parameter: string]: unknown };

/** Connects nothing yet: the client library is loaded with the first request. Throws SettingsError. */
export function createModelServer(options: ModelServerOptions): ModelServer {
  const address = serverAddress(options.baseUrl);
  checkHeader("OPENAI_API_KEY", options.apiKey);
  checkHeader("OPENAI_ORGANIZATION", options.organization);
  const timeoutMs = Math.min(options.timeoutMs, longestTimer - 2 * libraryMoreMs);
  const wait = { address, timeoutMs, timer: options.timer };
  let client: Promise<OpenAI> | undefined;
  const connect = (): Promise<OpenAI> => (client ??= openClient({ ...options, baseUrl: address, timeoutMs }));
  const query = options.azure?.version ? { "api-version": options.azure.version } : undefined;
  return {
    address,
    isOpenAi: isOpenAi(address),
    isAzure: options.azure !== undefined,
    apiKey: options.apiKey,
    capabilities: options.capabilities ?? createServerCapabilities(),
    async post(path, body, signal, onData) {
      const connected = await connect();
      const place = options.azure?.version ? `/deployments/${encodeURIComponent(body.model)}${path}` : path;
      return withinTime({ ...wait, signal }, async (own, alive) => {
        const sent = { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
        const response = await connected
          .post(place, { ...sent, signal: own, query })
          .asResponse()
          .catch(asFailure(wait));
        const events = eventStreamOf(response);
        if (events === null) return response.text();
        try {
          for await (const data of readEvents(events, own, alive)) onData?.(data);
        } catch (thrown) {
          throw cutOffFailure(thrown, wait);
        }
        return null;
      });
    },
    async get(path, signal) {
      const connected = await connect();
      return withinTime({ ...wait, signal }, async (own) => {
        const response = await connected.get(path, { signal: own, query }).asResponse().catch(asFailure(wait));
        return { text: await response.text(), dateHeader: response.headers.get("date") };
      });
    },
  };
}

/** How much longer than we do the client library may wait: our own timer ends a request first and covers the body. */
const libraryMoreMs = 60_000;

/** The address as messages and the files of `.autogpt` show it: without its end slash and its query. Throws SettingsError. */
export function serverAddress(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url && url.search + url.hash !== "") {
    throw new SettingsError(
      `OPENAI_API_BASE_URL (${url.host}) has something behind "?" or "#", which would not be sent. Give the address ` +
        "without it, and a key in OPENAI_API_KEY.",
    );
  }
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  throw new SettingsError(
    `OPENAI_API_BASE_URL is no usable address${url ? ` (${url.host || url.protocol})` : ""}: expected something like ` +
      "https://api.openai.com/v1 or http://127.0.0.1:11434/v1, without a user name or password in it.",
  );
}

function checkHeader(setting: string, value: string | undefined): void {
  if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return;
  throw new SettingsError(`${setting} holds characters that no key has (spaces, line ends or others): copy it again.`);
}

async function openClient({ baseUrl, apiKey, organization, timeoutMs, azure }: ModelServerOptions): Promise<OpenAI> {
  const { OpenAI } = await import("openai");
  return new OpenAI({
    baseURL: baseUrl,
    // The library insists on a key; where there is none, or Azure wants it elsewhere, the header is taken out again.
    apiKey: apiKey ?? "none",
    ...(apiKey === undefined && { defaultHeaders: { Authorization: null } }),
    ...(azure && !azure.token && { defaultHeaders: { Authorization: null, "api-key": apiKey ?? null } }),
    organization: organization ?? null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs + libraryMoreMs,
    logLevel: "off",
    fetch: fetchWhole,
  });
}
