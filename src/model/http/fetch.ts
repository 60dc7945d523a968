import type { Agent } from "node:http";
import { addAbortSignal, type Readable } from "node:stream";
import { readErrorBody } from "./error-body.js";
import { ConnectionFailure, isAboutCertificate, isAboutTls, RefusedRequest, UnexpectedStatus } from "./errors.js";
import { proxyAgent } from "./proxy.js";
import { codeOf, neverConnected } from "../../base/system-error.js";

const largestAnswer = 20_000_000;

/**
 * `fetch` that returns an answer with a good status as it begins, with status 200. It is asked through `proxy`, where there
 * is one. Throws RefusedRequest for a refusal,
 * whose body is at most 20 MB, UnexpectedStatus for a redirect, which is not followed, as the key would go with it, and for
 * statuses that HTTP does not know, and ConnectionFailure for whatever else went wrong.
 */
export async function fetchAnswer(
  input: string | URL | Request,
  init?: RequestInit,
  proxy: URL | null = null,
): Promise<Response> {
  const { response, Response } = await received(input, init, proxy);
  const { status, headers } = response;
  if (response.ok) return new Response(response.body, { status: 200, headers });
  const errorBody = readErrorBody((await readBody(response, init?.signal ?? undefined)).toString("utf8"));
  if (status < 400 || status > 599) throw new UnexpectedStatus(status, headers.get("location"), errorBody);
  throw new RefusedRequest(status, errorBody, new Map(headers));
}

/** Loading Node's own `fetch` would take a third of the time that a start may take, so this is node-fetch. */
async function received(input: string | URL | Request, init: RequestInit = {}, proxy: URL | null) {
  const { default: fetch, Response } = (await import("node-fetch")) as unknown as NodeFetch;
  try {
    const options = { ...init, redirect: "manual" as const, agent: await agentFor(input, proxy) };
    // With a signal that is already aborted, node-fetch emits an error that cannot be caught.
    if (init.signal?.aborted) throw new ConnectionFailure("ABORTED", false);
    return { response: await fetch(input, options), Response };
  } catch (thrown) {
    if (thrown instanceof ConnectionFailure) throw thrown;
    throw new ConnectionFailure(codeOf(thrown) ?? "unknown", mayHaveArrived(thrown));
  }
}

/** Whether a request that got no answer may have reached the server. */
function mayHaveArrived(thrown: unknown): boolean {
  const code = codeOf(thrown) ?? "unknown";
  if (thrown instanceof Error && "erroredSysCall" in thrown && thrown.erroredSysCall === "connect") return false;
  return !(neverConnected(thrown) || isAboutCertificate(code) || isAboutTls(code));
}

/** node-fetch's own types follow an older standard; what is used here is the same in both. */
type NodeFetch = {
  default: (input: string | URL | Request, init: RequestInit & { agent: Agent }) => Promise<Response>;
  Response: typeof Response;
};

/** Idle connections are closed after this time, before servers do it: a request on a closed one would fail. */
const idleMs = 4_000;
const agents = new Map<string, Promise<Agent>>();

/** Keeps connections open between requests. */
function agentFor(input: string | URL | Request, proxy: URL | null): Promise<Agent> {
  const { protocol } = new URL(input instanceof URL || typeof input === "string" ? input : input.url);
  const way = `${protocol} ${proxy?.href ?? ""}`;
  const known = agents.get(way) ?? openAgent(protocol === "https:", proxy);
  agents.set(way, known);
  return known;
}

async function openAgent(secure: boolean, proxy: URL | null): Promise<Agent> {
  const options = { keepAlive: true, timeout: idleMs };
  if (proxy !== null) return proxyAgent(proxy, secure, options);
  const { Agent } = secure ? await import("node:https") : await import("node:http");
  return new Agent(options);
}

/** The whole body of an answer. Throws ConnectionFailure where it breaks off, or has more than 20 MB. */
export async function readBody(response: Response, signal?: AbortSignal): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(response, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The pieces of an answer's body as they come; waiting for one ends with the signal. Throws ConnectionFailure as readBody does. */
export async function* chunksOf({ body }: Response, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    // With node-fetch the body is a stream of Node's.
    const stream = body as Readable | null;
    if (stream && signal) addAbortSignal(signal, stream);
    for await (const chunk of (stream ?? []) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > largestAnswer) throw new ConnectionFailure("TOO_LARGE", true);
      yield chunk;
    }
  } catch (thrown) {
    throw thrown instanceof ConnectionFailure ? thrown : new ConnectionFailure(codeOf(thrown) ?? "unknown", true);
  }
}
