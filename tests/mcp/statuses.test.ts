import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { createConnection } from "../../src/mcp/connect/connection.js";
import { listenLocally } from "../support/services/local-server.js";

type Message = { id?: number; method?: string };
type Answer = (response: ServerResponse, message: Message) => unknown;

/** A server without any library, whose answers to calls are these; `calls` counts them. */
async function serving(t: TestContext, answer: Answer, session = false) {
  const site = { calls: 0, answer };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    if (request.method !== "POST") return response.writeHead(405).end();
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const message = JSON.parse(body) as Message;
    const json = (part: object, headers = {}): void =>
      void response
        .writeHead(200, { "content-type": "application/json", ...headers })
        .end(JSON.stringify({ jsonrpc: "2.0", id: message.id, ...part }));
    if (message.id === undefined) return response.writeHead(202).end();
    if (message.method === "initialize")
      return json(
        {
          result: {
            protocolVersion: "2025-06-18",
            capabilities: { tools: {} },
            serverInfo: { name: "x", version: "1" },
          },
        },
        session ? { "mcp-session-id": "one" } : {},
      );
    if (message.method !== "tools/call") return json({ error: { code: -32601, message: "not here" } });
    site.calls += 1;
    return site.answer(response, message);
  };
  const server = createServer((request, response) => void handle(request, response));
  const port = await listenLocally(server);
  const connection = createConnection(
    {
      ...{ kind: "http", name: "web", file: "x", timeoutMs: 60_000 },
      ...{ url: `http://127.0.0.1:${port}/mcp`, headers: { "x-api-key": "abc" }, oauth: null },
    },
    { version: "1" },
  );
  t.after(async () => {
    await connection.close();
    server.closeAllConnections();
    server.close();
  });
  const call = () => connection.call("call", {}, new AbortController().signal);
  return { site, call };
}

const html = { "content-type": "text/html" };
const status =
  (code: number): Answer =>
  (response) =>
    response.writeHead(code, html).end("<b>no</b>\u001b[2J");

test("an HTTP status that refuses a call is told as not done; behind any other, nobody knows", async (t) => {
  const { site, call } = await serving(t, status(502));
  for (const code of [500, 502, 503, 504, 408]) {
    site.answer = status(code);
    const outcome = await call();
    assert.match(
      JSON.stringify(outcome),
      new RegExp(`^.*"unknown","problem":"the server, or .* answered with HTTP ${code} \\(<b>no</b>`),
    );
  }
  for (const code of [400, 404, 413, 422, 429]) {
    site.answer = status(code);
    assert.match(
      JSON.stringify(await call()),
      new RegExp(`"not-done","problem":"the server refused it with HTTP ${code} \\(<b>no</b>`),
    );
  }
  assert.equal(site.calls, 10);
});

test("an answer that is none leaves an outcome that nobody knows", async (t) => {
  const { site, call } = await serving(t, (response) => response.writeHead(200, html).end("<b>"));
  assert.match(
    JSON.stringify(await call()),
    /"unknown","problem":"the server answered with what is no result: Unexpected/,
  );
  site.answer = (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"jsonrpc":');
  assert.match(JSON.stringify(await call()), /"unknown"/);
  site.answer = (response, { id }) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "hologram" }] } }));
  assert.match(JSON.stringify(await call()), /"unknown","problem":"the server answered with what is no result/);
  assert.equal(site.calls, 3);
});

test("a server that sends on to another host is not followed, and that host gets nothing", async (t) => {
  let elsewhere = 0;
  const other = createServer((_request, response) => {
    elsewhere += 1;
    response.end();
  });
  const port = await listenLocally(other);
  t.after(() => other.close());
  const { call } = await serving(t, (response) =>
    response.writeHead(307, { location: `http://localhost:${port}/` }).end(),
  );
  assert.match(
    JSON.stringify(await call()),
    /"unknown","problem":".*it sends on to another address, which is not followed/,
  );
  assert.equal(elsewhere, 0);
});

test("a session that is forgotten in a call's own answer is told as not done, and the next call has a new one", async (t) => {
  const { site, call } = await serving(t, status(404), true);
  assert.match(JSON.stringify(await call()), /"not-done","problem":"the server was started anew/);
  site.answer = (response, { id }) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ jsonrpc: "2.0", id, result: { content: [] } }));
  assert.equal((await call()).kind, "answered");
  assert.equal(site.calls, 2);
});
