import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listenLocally } from "./local-server.js";
import type { Surroundings } from "./services.js";

export type Route = (request: IncomingMessage, response: ServerResponse) => void;
export type Site = {
  /** `http://127.0.0.1:PORT` */
  url: string;
  host: string;
  port: number;
  /** How often somebody connected. */
  connections(): number;
  /** The requests that came, method and path with query. */
  requests: { method: string; path: string; headers: IncomingMessage["headers"]; body: string }[];
};

/** A web site on this machine; paths are looked up without their query, "*" is any other. */
export async function startSite(
  t: Pick<Surroundings, "after">,
  routes: Record<string, Route | string> = {},
): Promise<Site> {
  const requests: Site["requests"] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      requests.push({ method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") });
      const route = routes[url.split("?")[0] ?? ""] ?? routes["*"];
      if (typeof route === "function") route(request, response);
      else if (route !== undefined) html(route)(request, response);
      else response.writeHead(404, { "content-type": "text/html" }).end("<h1>Not here</h1>");
    });
  });
  server.on("connection", (socket) => {
    connections += 1;
    socket.on("error", () => undefined);
  });
  const port = await listenLocally(server);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${port}`;
  return { url: `http://${host}`, host, port, connections: () => connections, requests };
}

export const html =
  (text: string, status = 200): Route =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(text);

export const bytes =
  (body: Buffer, headers: Record<string, string>): Route =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body);

export const redirect =
  (location: string, status = 302): Route =>
  (_request, response) =>
    void response.writeHead(status, { location }).end();

/** Sentences enough for a main text, with a mark to be found again. */
export const article = (mark: string, sentences = 20): string =>
  `<article><h1>${mark}</h1>${`<p>The ${mark} is described here at some length, with all that is known of it.</p>`.repeat(sentences)}</article>`;

/** A name server on this machine: `answer` gives the IPv4 addresses of a name, and may change its mind. */
export async function startNames(
  t: Pick<Surroundings, "after">,
  answer: (name: string) => readonly string[],
): Promise<{ server: string; asked: string[] }> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + length).toString("latin1"));
      at += length + 1;
    }
    const isV4 = query.readUInt16BE(at + 1) === 1;
    const name = labels.join(".").toLowerCase();
    if (isV4) asked.push(name);
    const addresses = isV4 ? answer(name) : [];
    const head = Buffer.from(query.subarray(0, at + 5));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]),
    );
    socket.send(Buffer.concat([head, ...records]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  return { server: `127.0.0.1:${socket.address().port}`, asked };
}
