import type { Agent } from "node:http";
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
  body?: string | Uint8Array | undefined;
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
  const pieces: Uint8Array[] = [];
  await hearBody(answer, (piece) => pieces.push(piece), signal);
  return Buffer.concat(pieces);
}

/**
 * Calls `hear` with each piece of an answer's body as it comes, and resolves at its end; waiting for it ends with the signal. Throws
 * ConnectionFailure as readBody does, and what `hear` throws. Where it rejects, the body is destroyed, and its connection is not used again.
 */
export function hearBody(
  { body }: Pick<Answer, "body">,
  hear: (piece: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  let stopListening = (): void => undefined;
  const heard = new Promise<void>((resolve, reject) => {
    let size = 0;
    const fail = (thrown: unknown): void => {
      reject(thrown as Error);
      body.destroy();
    };
    const broken = (thrown: unknown): void =>
      fail(thrown instanceof ConnectionFailure ? thrown : new ConnectionFailure(codeOf(thrown) ?? "unknown", true));
    body.on("error", broken);
    body.once("close", () => {
      if (!body.readableEnded) broken(body.errored);
    });
    body.once("end", resolve);
    body.on("data", (piece: Uint8Array) => {
      size += piece.byteLength;
      if (size > largestAnswer) return broken(new ConnectionFailure("TOO_LARGE", true));
      try {
        hear(piece);
      } catch (thrown) {
        fail(thrown);
      }
    });
    stopListening = onAbort(signal, () => broken(new ConnectionFailure("ABORTED", true)));
    if (body.readableEnded) resolve();
    else if (body.destroyed) broken(body.errored);
  });
  return heard.finally(stopListening);
}
