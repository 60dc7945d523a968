import type { OpenAI } from "openai";
import { SettingsError } from "../errors.js";
import { oneLine, readComplaint, type Complaint } from "./complaint.js";
import { FailedRequest } from "./failed-request.js";
import { createServerTraits, type ServerTraits } from "./parameters.js";
import { ConnectionFailure, fetchWhole, OddStatus } from "./whole-answer.js";
import { retryAfterMs } from "./retry-after.js";

export type ModelServerOptions = {
  baseUrl: string;
  /** Without a key no Authorization header is sent. */
  apiKey?: string | undefined;
  organization?: string | undefined;
  /** For one request, from sending it to the last byte of the answer. */
  timeoutMs: number;
};

/** One address that speaks OpenAI's protocol, shared by all models behind it. */
export interface ModelServer {
  /** The address as messages show it. */
  readonly address: string;
  readonly isOpenAi: boolean;
  readonly apiKey: string | undefined;
  readonly traits: ServerTraits;
  /**
   * Sends a JSON body and resolves to the text of the answer with status 200. Throws RefusedRequest for other
   * statuses, FailedRequest for a redirect (refused) and where no answer came (no-connection, timeout,
   * not-a-completion), or the reason of `signal`.
   */
  post(path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<string>;
}

/** The server answered, and refused. */
export class RefusedRequest extends Error {
  readonly status: number;
  readonly complaint: Complaint;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, complaint: Complaint, retryAfter: number | undefined) {
    super(`status ${status}`);
    this.name = "RefusedRequest";
    this.status = status;
    this.complaint = complaint;
    this.retryAfterMs = retryAfter;
  }
}

/** Connects nothing yet: the client library is loaded with the first request. Throws SettingsError. */
export function createModelServer(options: ModelServerOptions): ModelServer {
  const url = checkedAddress(options.baseUrl);
  checkHeader("OPENAI_API_KEY", options.apiKey);
  checkHeader("OPENAI_ORGANIZATION", options.organization);
  const address = `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  const timeoutMs = Math.min(options.timeoutMs, longestTimer);
  let client: Promise<OpenAI> | undefined;
  return {
    address,
    isOpenAi: url.hostname === "openai.com" || url.hostname.endsWith(".openai.com"),
    apiKey: options.apiKey,
    traits: createServerTraits(),
    async post(path, body, signal) {
      const connected = await (client ??= openClient({ ...options, baseUrl: address, timeoutMs }));
      return withinTime({ address, timeoutMs, signal }, async (own) => {
        const response = await connected.post(path, { body, signal: own }).asResponse();
        return response.text();
      });
    },
  };
}

/** Longer timers end at once. */
const longestTimer = 2 ** 31 - 120_000;

function checkedAddress(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url && url.search + url.hash !== "") {
    throw new SettingsError(
      `OPENAI_API_BASE_URL (${url.host}) has something behind "?" or "#", which would not be sent. Give the address ` +
        "without it, and a key in OPENAI_API_KEY.",
    );
  }
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url;
  throw new SettingsError(
    `OPENAI_API_BASE_URL is no usable address${url ? ` (${url.host || url.protocol})` : ""}: expected something like ` +
      "https://api.openai.com/v1 or http://127.0.0.1:11434/v1, without a user name or password in it.",
  );
}

function checkHeader(setting: string, value: string | undefined): void {
  if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return;
  throw new SettingsError(`${setting} holds characters that no key has (spaces, line ends or others): copy it again.`);
}

async function openClient({ baseUrl, apiKey, organization, timeoutMs }: ModelServerOptions): Promise<OpenAI> {
  const { OpenAI } = await import("openai");
  return new OpenAI({
    baseURL: baseUrl,
    // The library insists on a key; where there is none, the header is taken out again.
    apiKey: apiKey ?? "none",
    ...(apiKey === undefined && { defaultHeaders: { Authorization: null } }),
    organization: organization ?? null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    maxRetries: 0,
    // Our own timer ends a request first; it covers the body as well.
    timeout: timeoutMs + 60_000,
    logLevel: "off",
    fetch: fetchWhole,
  });
}

type Wait = { address: string; timeoutMs: number; signal: AbortSignal };

/** Gives each request a signal of its own, so that nothing gathers on the one that lives as long as the run. */
async function withinTime<T>({ address, timeoutMs, signal }: Wait, send: (own: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  let late = false;
  const abort = () => own.abort();
  const timer = setTimeout(() => {
    late = true;
    own.abort();
  }, timeoutMs);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await send(own.signal);
  } catch (thrown) {
    signal.throwIfAborted();
    throw late ? tooLate(address, timeoutMs) : await asFailure(thrown, address);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

const tooLate = (address: string, timeoutMs: number) =>
  new FailedRequest(
    "timeout",
    `${address} did not answer within ${timeoutMs / 1000} seconds. OPENAI_TIMEOUT sets how long to wait.`,
    { mayBeBilled: true },
  );

/** What the client library threw, in our own words. */
async function asFailure(thrown: unknown, address: string): Promise<Error> {
  const { APIConnectionError, APIError } = await import("openai");
  if (thrown instanceof APIConnectionError) {
    if (thrown.cause instanceof ConnectionFailure) return noAnswer(thrown.cause, address);
    if (thrown.cause instanceof OddStatus) return oddAnswer(thrown.cause, address);
    return new FailedRequest("no-connection", `${address} cannot be reached.`, { mayBeBilled: true, cause: thrown });
  }
  if (thrown instanceof APIError && typeof thrown.status === "number") {
    const complaint = readComplaint(JSON.stringify({ error: thrown.error }));
    return new RefusedRequest(thrown.status, complaint, retryAfterMs(thrown.headers));
  }
  return thrown instanceof Error ? thrown : new Error(oneLine(String(thrown), undefined));
}

/** A redirect means that the address is wrong; nothing was done there. */
function oddAnswer({ status, location, complaint }: OddStatus, address: string): Error {
  if (status < 300 || status > 399) return new RefusedRequest(status, complaint, undefined);
  const target = location !== null && URL.canParse(location, address) ? new URL(location, address) : undefined;
  const where = target ? ` to ${oneLine(target.origin + target.pathname, undefined, 200)}` : "";
  return new FailedRequest(
    "refused",
    `${address} has moved${where} (status ${status}), where the key is not sent by itself. If that is right, set ` +
      "OPENAI_API_BASE_URL to the new address, without the part that names the request (/chat/completions or /embeddings).",
    { mayBeBilled: false },
  );
}

function noAnswer(failure: ConnectionFailure, address: string): FailedRequest {
  const { code, sent } = failure;
  if (code === "TOO_LARGE") {
    return new FailedRequest("not-a-completion", `${address} sent an answer of more than 20 MB.`, {
      mayBeBilled: true,
    });
  }
  const how = sent ? "The connection broke before the answer was complete" : "No connection could be made";
  const advice = "Check the network and OPENAI_API_BASE_URL.";
  return new FailedRequest("no-connection", `${address}: ${how} (${code}). ${advice}`, { mayBeBilled: sent });
}
