import { SettingsError } from "../../errors.js";
import { readAnswer } from "./event-stream.js";
import { createClient } from "./client.js";
import { failureFrom } from "./errors.js";
import type { ResponseHeaders } from "./asked-wait.js";
import { paced, type Pace } from "./pace.js";
import { wayTo } from "./proxy.js";
import { withinTime } from "./timeouts.js";
import type { Proxies } from "../../base/proxies.js";
import { createServerCapabilities, type ServerCapabilities } from "../openai/learned/capabilities.js";
import { hearBody, readBody } from "./fetch.js";
import { longestTimer, type SetTimer } from "../../base/abort.js";
import { isOpenAi } from "../../base/address.js";
import { createRepeatedJson } from "./repeated-json.js";

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
  /** What keeps the requests of several runs within the server's limits. */
  pace?: Pace | undefined;
  /** The user's proxies. */
  proxies?: Proxies | undefined;
};

/** One address that speaks OpenAI's protocol, shared by all models behind it. */
export interface ModelServer {
  /** The address as messages show it. */
  readonly address: string;
  readonly isOpenAi: boolean;
  readonly isAzure: boolean;
  readonly apiKey: string | undefined;
  readonly capabilities: ServerCapabilities;
  /** The host of the proxy that it is asked through; null where it is asked directly. */
  readonly proxy: string | null;
  /** What a person has to know of the way to it, where no connection comes about; may be empty. */
  readonly wayAdvice: string;
  /**
   * Sends a JSON body, which names its model. Resolves to the text of the answer with status 200, or to null where it
   * is a stream: `onData` then has had the data of each event. Throws RefusedRequest for other statuses, FailedRequest
   * for a redirect (refused) and where no answer came (no-connection, timeout, not-a-completion), or the reason of
   * `signal`.
   */
  post(path: string, body: RequestBody, signal: AbortSignal, onData?: (data: string) => void): Promise<string | null>;
  /** The text of a GET of this path, and the Date header of the answer. Throws as `post` does. */
  get(path: string, signal: AbortSignal): Promise<{ text: string; dateHeader: string | null }>;
}

/** Objects in it stay as they are: the next request may have them again. */
export type RequestBody = { model: string; [parameter: string]: unknown };

/** Connects nothing yet. Throws SettingsError. */
export function createModelServer(options: ModelServerOptions): ModelServer {
  const address = serverAddress(options.baseUrl);
  checkHeader("OPENAI_API_KEY", options.apiKey);
  checkHeader("OPENAI_ORGANIZATION", options.organization);
  const timeoutMs = Math.min(options.timeoutMs, longestTimer);
  const { apiKey, organization, azure, timer, pace } = options;
  const way = wayTo(address, options.proxies);
  const repeatedJson = createRepeatedJson();
  const client = createClient({ baseUrl: address, apiKey, organization, azure, proxy: way.proxy });
  const query = azure?.version ? { "api-version": azure.version } : undefined;
  /** One request within its time; what goes wrong is told as a failure of this server. */
  const ask = async <Result>(signal: AbortSignal, send: Parameters<typeof withinTime<Result>>[1]): Promise<Result> =>
    withinTime({ address, timeoutMs, timer, signal }, (own, alive, leave) =>
      send(own, alive, leave).catch((thrown: unknown) => {
        throw failureFrom(thrown, { address, setting: "OPENAI_API_BASE_URL", way });
      }),
    );
  return {
    address,
    isOpenAi: isOpenAi(address),
    isAzure: azure !== undefined,
    apiKey,
    proxy: way.proxy?.host ?? null,
    wayAdvice: way.advice,
    capabilities: options.capabilities ?? createServerCapabilities(),
    async post(path, body, signal, onData) {
      const ofDeployment = azure?.version && !path.startsWith("/responses");
      const fullPath = ofDeployment ? `/deployments/${encodeURIComponent(body.model)}${path}` : path;
      const request = { body: repeatedJson(body), query };
      const send = (onHeaders?: (headers: ResponseHeaders) => void): Promise<string | null> =>
        ask(signal, async (own, alive, leave) => {
          const answer = await client.post(fullPath, { ...request, signal: own });
          onHeaders?.(answer.headers);
          return readAnswer((take) => hearBody(answer, take, own), {
            declared: /^text\/event-stream\b/i.test(answer.headers.get("content-type") ?? ""),
            alive,
            onEvent: (data) => onData?.(data),
            // The connection is given up where the server leaves it open behind the end of a stream.
            stop: leave,
          });
        });
      return pace ? paced(pace, { address, apiKey, timer }, body, signal, send) : send();
    },
    async get(path, signal) {
      return ask(signal, async (own) => {
        const { headers, body } = await client.get(path, { signal: own, query });
        return { text: String(await readBody({ body }, own)), dateHeader: headers.get("date") ?? null };
      });
    },
  };
}

/** The address as messages and files name it, without a trailing slash. Throws SettingsError for a query, a password and the like. */
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
    `OPENAI_API_BASE_URL is not a usable address${url ? ` (${url.host || url.protocol})` : ""}: expected something like ` +
      "https://api.openai.com/v1 or http://127.0.0.1:11434/v1, without a user name or password in it.",
  );
}

function checkHeader(setting: string, value: string | undefined): void {
  if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return;
  throw new SettingsError(`${setting} holds characters that no key has (spaces, line ends or others): copy it again.`);
}
