import type { Agent } from "node:http";
import type { Readable } from "node:stream";
import { readErrorBody } from "./error-body.js";
import { ConnectionFailure, isAboutCertificate, isAboutTls, UnexpectedStatus } from "./errors.js";
import { codeOf } from "../../base/system-error.js";

const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"]);

const largestAnswer = 20_000_000;

/**
 * `fetch` that returns once the whole body has come, at most 20 MB, so that a body which is cut or never ends fails
 * like a connection does; a stream of events is returned as it begins. A refusal is rewritten to the one shape that the
 * client library reads. A redirect is not followed, as the key would go with it. Throws UnexpectedStatus for that and for
 * statuses that HTTP does not know, and ConnectionFailure for whatever else went wrong.
 */
export async function fetchAnswer(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const { response, body, Response } = await received(input, init);
  if (body === null) return response;
  const { status, headers } = response;
  if (response.ok) return new Response(body.length === 0 ? null : body, { status: 200, headers });
  const errorBody = readErrorBody(body.toString("utf8"));
  if (status < 400 || status > 599) throw new UnexpectedStatus(status, headers.get("location"), errorBody);
  return new Response(JSON.stringify({ error: errorBody }), { status, headers });
}

/** Loading Node's own `fetch` would take a third of the time that a start may take, so this is node-fetch. */
async function received(input: string | URL | Request, init: RequestInit = {}) {
  const { default: fetch, Response } = (await import("node-fetch")) as unknown as NodeFetch;
  try {
    const options = { ...init, redirect: "manual" as const, agent: await agentFor(input) };
    // With a signal that is already aborted, node-fetch emits an error that cannot be caught.
    if (init.signal?.aborted) throw new ConnectionFailure("ABORTED", false);
    const response = await fetch(input, options).catch((thrown: unknown) => {
      throw new ConnectionFailure(codeOf(thrown) ?? "unknown", mayHaveArrived(thrown));
    });
    return { response, Response, body: response.ok && eventStreamOf(response) ? null : await readBody(response) };
  } catch (thrown) {
    throw thrown instanceof ConnectionFailure ? thrown : new ConnectionFailure(codeOf(thrown) ?? "unknown", true);
  }
}

/** Whether a request that got no answer may have reached the server. */
function mayHaveArrived(thrown: unknown): boolean {
  const code = codeOf(thrown) ?? "unknown";
  if (thrown instanceof Error && "erroredSysCall" in thrown && thrown.erroredSysCall === "connect") return false;
  return !(neverSent.has(code) || isAboutCertificate(code) || isAboutTls(code));
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
function agentFor(input: string | URL | Request): Promise<Agent> {
  const { protocol } = new URL(input instanceof URL || typeof input === "string" ? input : input.url);
  const known = agents.get(protocol) ?? openAgent(protocol);
  agents.set(protocol, known);
  return known;
}

async function openAgent(protocol: string): Promise<Agent> {
  const { Agent } = protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Agent({ keepAlive: true, timeout: idleMs });
}

async function readBody(response: Response): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > largestAnswer) throw new ConnectionFailure("TOO_LARGE", true);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body of an answer that comes as events, else null. */
export const eventStreamOf = ({ headers, body }: Response): Readable | null =>
  body !== null && /^text\/event-stream\b/i.test(headers.get("content-type") ?? "")
    ? (body as unknown as Readable)
    : null;
