import type { Agent } from "node:http";
import type { Readable } from "node:stream";
import { onAbort } from "../../base/abort.js";
import { codeOf, neverConnected } from "../../base/system-error.js";
import { readErrorBody } from "./error-body.js";
import { ConnectionFailure, isAboutCertificate, isAboutTls, RefusedRequest, UnexpectedStatus } from "./errors.js";
import { exchange, type Answer } from "./exchange.js";
import { proxyAgent } from "./proxy.js";

const largestAnswer = 20_000_000;

/** What is asked: with a body that is a text, or none. */
export type Asking = {
  method?: string | undefined;
  headers?: Iterable<readonly [string, string]> | Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
  signal?: AbortSignal | undefined;
};

/**
 * Asks an address and returns an answer with a good status as it begins, with status 200. It is asked through `proxy`, where there
 * is one. Throws RefusedRequest for a refusal,
 * whose body is at most 20 MB, UnexpectedStatus for a redirect, which is not followed, as the key would go with it, and for
 * statuses that HTTP does not know, and ConnectionFailure for whatever else went wrong.
 */
export async function fetchAnswer(
  address: string | URL,
  asking: Asking = {},
  proxy: URL | null = null,
): Promise<Answer> {
  const answer = await received(new URL(address), asking, proxy);
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return { ...answer, status: 200 };
  const errorBody = readErrorBody((await readBody(answer, asking.signal)).toString("utf8"));
  if (status < 400 || status > 599) throw new UnexpectedStatus(status, headers.get("location") ?? null, errorBody);
  throw new RefusedRequest(status, errorBody, headers);
}

/** By Node's own client: its `fetch` takes a third of the time that a start may take, and packages several times as much for each request. */
async function received(address: URL, asking: Asking, proxy: URL | null): Promise<Answer> {
  const { method = "GET", headers = {}, body, signal } = asking;
  try {
    if (signal?.aborted) throw new ConnectionFailure("ABORTED", false);
    const all = Symbol.iterator in headers ? Object.fromEntries(headers) : headers;
    return await exchange(address, { method, headers: all, body, agent: await agentFor(address, proxy), signal });
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

/** Idle connections are closed after this time, before servers do it: a request on a closed one would fail. */
const idleMs = 4_000;
const agents = new Map<string, Promise<Agent>>();

/** Keeps connections open between requests. */
function agentFor({ protocol }: URL, proxy: URL | null): Promise<Agent> {
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
export async function readBody(answer: Pick<Answer, "body">, signal?: AbortSignal): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(answer, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The pieces of an answer's body as they come; waiting for one ends with the signal. Throws ConnectionFailure as readBody does. */
export async function* chunksOf({ body }: Pick<Answer, "body">, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  let size = 0;
  const stopListening = onAbort(signal, () => body.destroy(new ConnectionFailure("ABORTED", true)));
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array> & Readable) {
      size += chunk.byteLength;
      if (size > largestAnswer) throw new ConnectionFailure("TOO_LARGE", true);
      yield chunk;
    }
  } catch (thrown) {
    throw thrown instanceof ConnectionFailure ? thrown : new ConnectionFailure(codeOf(thrown) ?? "unknown", true);
  } finally {
    stopListening();
  }
}
