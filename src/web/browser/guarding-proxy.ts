import { once } from "node:events";
import { createServer, request as plainRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { messageOf } from "../../errors.js";
import { mostHeaderBytes } from "../fetch/guarded-agent.js";
import { bareHost, portOf, type Guard, type Target } from "../guard/guard.js";

/** A proxy on this machine for all traffic of the browser: the guard decides on each connection. */
export interface GuardingProxy {
  readonly url: string;
  /**
   * Begins a page: its bytes are counted from now on. The allowed private hosts can be reached only if the page itself is
   * at one of them, so that no other page reaches into them.
   */
  begin(page: URL): void;
  /** Why this host was last refused since the page began; undefined where it was not. */
  refusal(url: URL): string | undefined;
  close(): Promise<void>;
}

/** The most bytes that a page and all that it loads may have. */
const mostPageBytes = 60 << 20;
const idleMs = 60_000;

type State = { closedHosts: boolean; bytes: number; refusals: Map<string, string> };

export async function startGuardingProxy(guard: Guard): Promise<GuardingProxy> {
  const state: State = { closedHosts: true, bytes: 0, refusals: new Map() };
  const sockets = new Set<Duplex>();
  const server = createServer({ keepAliveTimeout: 5_000, maxHeaderSize: mostHeaderBytes });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => void forward(guard, state, request, response));
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void tunnel(guard, state, request, socket, head);
  });
  // WebSockets arrive as CONNECT; an upgrade of the proxy itself is none of the browser's business.
  server.on("upgrade", (_request, socket: Duplex) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    begin(page) {
      state.closedHosts = !guard.isAllowedHost(page);
      state.bytes = 0;
      state.refusals.clear();
      // The connections of the page before must not be used with the rights of this one.
      for (const socket of sockets) socket.destroy();
    },
    refusal: (url) => state.refusals.get(`${bareHost(url.hostname)}:${portOf(url)}`),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const connect = (guard: Guard, state: State, target: Target, end: AbortSignal): Promise<Duplex> =>
  guard.connect(target, end, { closedHosts: state.closedHosts });

/** Keeps why an address was refused, for whoever asks what became of it. */
function keepRefusal(state: State, address: string, thrown: unknown): void {
  if (!URL.canParse(address)) return;
  const url = new URL(address);
  state.refusals.set(`${bareHost(url.hostname)}:${portOf(url)}`, messageOf(thrown));
}

/** Passes on a plain http request, over a connection of the guard's. */
async function forward(guard: Guard, state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const url = guard.check(request.url ?? "");
    if (url.protocol !== "http:" || !/^http:/i.test(request.url ?? "")) throw new Error("only http is forwarded here.");
    const socket = await connect(guard, state, { host: url.hostname, port: portOf(url), secure: false }, gone.signal);
    const onward = plainRequest({
      createConnection: () => socket as Socket,
      method: request.method,
      maxHeaderSize: mostHeaderBytes,
      path: `${url.pathname}${url.search}`,
      headers: onwardHeaders(request, url),
      timeout: idleMs,
    });
    onward.once("timeout", () => onward.destroy());
    onward.once("error", () => response.destroy());
    onward.once("response", (answer) => {
      const headers = { ...answer.headers };
      delete headers["transfer-encoding"];
      delete headers["keep-alive"];
      response.writeHead(answer.statusCode ?? 502, { ...headers, connection: "close" });
      counted(state, answer, () => response.destroy());
      answer.on("error", () => response.destroy()).pipe(response);
    });
    response.once("close", () => onward.destroy());
    request.on("error", () => onward.destroy()).pipe(onward);
  } catch (thrown) {
    keepRefusal(state, request.url ?? "", thrown);
    refuse(response, messageOf(thrown));
  }
}

/** Passes bytes both ways, for https and WebSockets. */
async function tunnel(
  guard: Guard,
  state: State,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const gone = new AbortController();
  socket.on("error", () => undefined).once("close", () => gone.abort());
  try {
    const url = guard.check(`https://${request.url ?? ""}`);
    const port = Number(/:(\d+)$/.exec(request.url ?? "")?.[1] ?? 443);
    const onward = await connect(guard, state, { host: url.hostname, port, secure: true }, gone.signal);
    if (socket.destroyed) return void onward.destroy();
    onward.on("error", () => socket.destroy()).once("close", () => socket.destroy());
    socket.once("close", () => onward.destroy());
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) onward.write(head);
    counted(state, onward, () => socket.destroy());
    onward.pipe(socket).pipe(onward);
  } catch (thrown) {
    keepRefusal(state, `https://${request.url ?? ""}`, thrown);
    socket.end("HTTP/1.1 403 Refused\r\nconnection: close\r\n\r\n");
  }
}

function counted(state: State, stream: NodeJS.ReadableStream, stop: () => void): void {
  stream.on("data", (chunk: Buffer) => {
    state.bytes += chunk.length;
    if (state.bytes > mostPageBytes) stop();
  });
}

function onwardHeaders(request: IncomingMessage, url: URL): Record<string, string | string[]> {
  const skipped = new Set(["proxy-connection", "proxy-authorization", "connection", "host", "upgrade", "keep-alive"]);
  const kept = Object.entries(request.headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined && !skipped.has(entry[0]),
  );
  return { ...Object.fromEntries(kept), host: url.host, connection: "close" };
}

function refuse(response: ServerResponse, why: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(403, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end(`Refused: ${why}`);
}
