import { request as plainRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as secureRequest } from "node:https";
import { connect, isIPv6, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { monotonicMs } from "../../base/stopwatch.js";
import { codeOf } from "../../base/system-error.js";
import { WebError } from "../web-error.js";
import { onAbort } from "../../base/abort.js";

/** Where a connection goes: addresses that were checked, never names. */
export type Destination = { addresses: readonly string[]; port: number; timeoutMs: number };

/** The least time that is given to each of several addresses. */
const leastMs = 1000;

/** Connects to the first of the addresses that answers. Throws WebError where none does. */
export async function dial({ addresses, port, timeoutMs }: Destination, signal: AbortSignal): Promise<Socket> {
  const eachMs = Math.max(leastMs, Math.floor(timeoutMs / Math.max(1, addresses.length)));
  const until = monotonicMs() + timeoutMs;
  let problem: unknown;
  for (const address of addresses) {
    signal.throwIfAborted();
    if (problem !== undefined && monotonicMs() >= until) break;
    try {
      return await dialOne(address, port, eachMs, signal);
    } catch (thrown) {
      problem = thrown;
    }
  }
  signal.throwIfAborted();
  throw new WebError("no-connection", `no connection could be made (${codeOf(problem) ?? "no answer"}).`, {
    cause: problem,
  });
}

function dialOne(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true });
    let stopListening = (): void => undefined;
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(Object.assign(new Error("too slow"), { code: "ETIMEDOUT" })), timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      stopListening();
      socket.removeListener("error", fail);
    };
    stopListening = onAbort(signal, () => fail(signal.reason as Error));
    socket.once("error", fail).once("connect", () => {
      settle();
      resolve(socket);
    });
  });
}

/**
 * Connects through a proxy, which is told an address that was checked and never a name: it could resolve it to something
 * else. Throws WebError where the proxy does not let it through.
 */
export async function dialThrough(
  proxy: URL,
  { addresses, port, timeoutMs }: Destination,
  signal: AbortSignal,
): Promise<Duplex> {
  const [address = ""] = addresses;
  const authority = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  const options: RequestOptions = {
    host: proxy.hostname.replace(/^\[|\]$/g, ""),
    port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...authorization(proxy) },
    agent: false,
    timeout: timeoutMs,
    signal,
  };
  const { status, socket } = await tunnel(proxy.protocol === "https:", options, proxy.host);
  if (status === 200) return socket;
  socket.destroy();
  throw new WebError(
    "no-connection",
    `the proxy ${proxy.host} does not connect to ${authority} (status ${status}). It has to allow connections to ` +
      "addresses, also on this port; NO_PROXY names hosts that are reached without it.",
  );
}

function tunnel(secure: boolean, options: RequestOptions, proxy: string) {
  return new Promise<{ status: number; socket: Duplex }>((resolve, reject) => {
    const fail = (cause: Error): void => {
      const why = codeOf(cause) ?? cause.message;
      reject(new WebError("no-connection", `the proxy ${proxy} cannot be used (${why}).`, { cause }));
    };
    const answered = ({ statusCode = 0 }: IncomingMessage, socket: Duplex, head?: Buffer): void => {
      if (head && head.length > 0) socket.unshift(head);
      (socket as Socket).setTimeout(0);
      resolve({ status: statusCode, socket });
    };
    const request = (secure ? secureRequest : plainRequest)(options);
    request
      .once("connect", answered)
      .once("response", (response) => answered(response, response.socket))
      .once("timeout", () => request.destroy(new Error("no answer")))
      .once("error", fail)
      .end();
  });
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
