import type { Agent, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { pipeline, type Readable, type Transform } from "node:stream";
import type { ResponseHeaders } from "./asked-wait.js";
import { onAbort } from "../../base/abort.js";

/** An answer as it begins. Its names of headers are in lower case; its body comes as the server meant it, without compression. */
export type Answer = { status: number; headers: ResponseHeaders; body: Readable };

/** What is sent: a text or its bytes, or nothing. */
export type Sent = {
  method: string;
  headers: OutgoingHttpHeaders;
  body: string | Uint8Array | undefined;
  agent: Agent;
  signal: AbortSignal | undefined;
};

/**
 * Sends one request by Node's own client and resolves to its answer as it begins, whatever its status is; a redirect is not followed. Rejects with the
 * system's error where none comes, and with an AbortError where the signal is aborted before. What follows the beginning is ended by
 * destroying the body.
 */
export async function exchange(url: URL, { method, headers, body, agent, signal }: Sent): Promise<Answer> {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  let stopListening = (): void => undefined;
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(url, { method, agent, headers: { ...usual, ...headers } });
      stopListening = onAbort(signal, () => {
        reject(new DOMException("The request was aborted.", "AbortError"));
        asked.destroy();
      });
      let isAnswered = false;
      asked.once("response", (answer) => {
        isAnswered = true;
        resolve(answer);
      });
      // It stays: what fails behind the beginning is told by the body as well.
      asked.on("error", reject);
      // Where the server changes to another protocol, the connection is closed without an error.
      asked.once("close", () => {
        if (!isAnswered) reject(Object.assign(new Error("There was no answer."), { code: "ECONNRESET" }));
      });
      // As a text it would be copied for its length, behind the headers, and to be written.
      asked.end(typeof body === "string" ? Buffer.from(body) : body);
    });
    const told = headersOf(answer);
    const { statusCode: status = 0 } = answer;
    return { status, headers: told, body: await unpacked(answer, told.get("content-encoding")) };
  } finally {
    stopListening();
  }
}

/** What is sent unless the request says otherwise. */
const usual = { accept: "*/*", "accept-encoding": "gzip, deflate, br", "user-agent": "autogpt" };

function headersOf({ headers }: IncomingMessage): ResponseHeaders {
  const all = new Map<string, string>();
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) all.set(name, typeof value === "string" ? value : value.join(", "));
  }
  return all;
}

async function unpacked(answer: IncomingMessage, encoding = ""): Promise<Readable> {
  const coding = encoding.trim().toLowerCase();
  if (!/^(?:x-)?gzip$|^deflate$|^br$/.test(coding) || answer.statusCode === 204 || answer.statusCode === 304)
    return answer;
  const unpack = await unpackerFor(coding, answer);
  return unpack === null ? answer : pipeline(answer, unpack, () => undefined);
}

/** Null for an answer without a body. Some servers leave out the head of zlib, by which the others are known (RFC 1950, 2.2). */
async function unpackerFor(coding: string, answer: IncomingMessage): Promise<Transform | null> {
  const zlib = await import("node:zlib");
  // What was sent so far is shown, and an answer may end without the end of its packing.
  const soon = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
  if (/gzip/.test(coding)) return zlib.createGunzip(soon);
  await new Promise<void>((resolve) => {
    if (answer.destroyed) resolve();
    for (const event of ["readable", "end", "error", "close"]) answer.once(event, () => resolve());
  });
  const first = answer.read(1) as Buffer | null;
  if (first === null) return null;
  answer.unshift(first);
  if (coding === "br") return zlib.createBrotliDecompress();
  return ((first[0] as number) & 0x0f) === 8 ? zlib.createInflate(soon) : zlib.createInflateRaw(soon);
}
