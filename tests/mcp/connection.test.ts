import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type Server, type ServerResponse } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import { NodeStreamableHTTPServerTransport } from "@modelcontextprotocol/node";
import { McpServer } from "@modelcontextprotocol/server";
import type { ServerConfig } from "../../src/mcp/config.js";
import { createConnection } from "../../src/mcp/connect/connection.js";

const noSignal = new AbortController().signal;

const configOf = (port: number): ServerConfig => ({
  ...{ kind: "http", name: "web", file: "x", timeoutMs: 60_000 },
  ...{ url: `http://127.0.0.1:${port}/mcp`, headers: { Authorization: "Bearer abc" }, oauth: null },
});

type Site = {
  port: number;
  calls: string[];
  atWork: Promise<void>;
  /** The answer to the first GET. */ held: Promise<[ServerResponse]>;
  finish(): void;
  stop(): Promise<void>;
};

/** A server with sessions, whose tool `slow` waits until `finish`. */
async function serve(t: TestContext, port = 0): Promise<Site> {
  const calls: string[] = [];
  let begun = (): void => undefined;
  let finish = (): void => undefined;
  const atWork = new Promise<void>((resolve) => (begun = resolve));
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const server = new McpServer({ name: "web", version: "1" });
  server.registerTool("hello", { description: "Says hello" }, () => {
    calls.push("hello");
    return { content: [{ type: "text", text: "hello" }] };
  });
  server.registerTool("slow", { description: "Takes its time" }, async () => {
    calls.push("slow");
    begun();
    await finished;
    return { content: [{ type: "text", text: "done" }] };
  });
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: () => randomUUID() });
  await server.connect(transport);
  const site: Server = createServer((request, response) => {
    if (request.method === "GET") site.emit("held", response);
    if (request.headers.authorization === "Bearer abc") void transport.handleRequest(request, response);
    else response.writeHead(401).end();
  });
  const held = once(site, "held") as Promise<[ServerResponse]>;
  site.listen(port, "127.0.0.1");
  await once(site, "listening");
  const stop = async (): Promise<void> => {
    site.closeAllConnections();
    site.close();
    await server.close();
  };
  t.after(stop);
  return { port: (site.address() as AddressInfo).port, calls, atWork, held, finish, stop };
}

test("a server that was started anew is connected to anew, and the call that met it is told as not done", async (t) => {
  const before = await serve(t);
  const connection = createConnection(configOf(before.port), { version: "1" });
  t.after(() => connection.close());
  assert.deepEqual(
    (await connection.tools()).tools.map(({ name }) => name),
    ["hello", "slow"],
  );
  assert.equal((await connection.call("hello", {}, noSignal)).kind, "answered");
  await before.stop();
  const down = await connection.call("hello", {}, noSignal);
  assert.ok(["unknown", "not-done"].includes(down.kind), JSON.stringify(down));

  const after = await serve(t, before.port);
  if ((await connection.call("hello", {}, noSignal)).kind !== "answered")
    assert.equal((await connection.call("hello", {}, noSignal)).kind, "answered");
  assert.deepEqual(after.calls, ["hello"]);
});

test("a session that the server has forgotten: the call is told as not done, and the next one is answered", async (t) => {
  const before = await serve(t);
  const connection = createConnection(configOf(before.port), { version: "1" });
  t.after(() => connection.close());
  assert.equal((await connection.call("hello", {}, noSignal)).kind, "answered");
  await before.stop();
  const after = await serve(t, before.port);
  let outcome = await connection.call("hello", {}, noSignal);
  // The first may still meet a connection of the server that is gone.
  if (outcome.kind === "unknown") outcome = await connection.call("hello", {}, noSignal);
  else assert.equal(outcome.kind, "not-done", JSON.stringify(outcome));
  assert.equal((await connection.call("hello", {}, noSignal)).kind, "answered");
  assert.ok(after.calls.length <= 2);
});

test("an answer that is cut off on its way is told at once, as an outcome that nobody knows", async (t) => {
  const site = await serve(t);
  const sockets = new Set<Socket>();
  const proxy = createTcpServer((near) => {
    const far = connect(site.port, "127.0.0.1");
    sockets.add(near);
    for (const socket of [near, far])
      socket
        .on("error", () => undefined)
        .on("close", () => {
          near.destroy();
          far.destroy();
        });
    near.pipe(far).pipe(near);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => proxy.close());
  const connection = createConnection(configOf((proxy.address() as AddressInfo).port), { version: "1" });
  t.after(() => connection.close());
  await connection.tools();
  const called = connection.call("slow", {}, noSignal);
  await site.atWork;
  for (const socket of sockets) socket.destroy();
  assert.deepEqual(await called.then(({ kind }) => kind), "unknown");
  site.finish();
  assert.deepEqual(site.calls, ["slow"]);
  const next = await connection.call("hello", {}, noSignal);
  assert.equal(next.kind, "answered", JSON.stringify(next));
});

test("a server that wants another key says where it is written; a run that ends ends the call", async (t) => {
  const site = await serve(t);
  const wrong = createConnection({ ...configOf(site.port), headers: { authorization: "Bearer x" } } as ServerConfig, {
    version: "1",
  });
  await assert.rejects(wrong.tools(), /wants another key: correct its "headers"/);
  const connection = createConnection(configOf(site.port), { version: "1" });
  t.after(() => connection.close());
  const stop = new AbortController();
  const called = connection.call("slow", {}, stop.signal);
  await site.atWork;
  stop.abort(new Error("stopped"));
  await assert.rejects(called, /stopped/);
  site.finish();
});

test("a server elsewhere is asked through the user's proxy, unless NO_PROXY names its host", async (t) => {
  const site = await serve(t);
  const asked: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    asked.push(new URL(incoming.url ?? "").host);
    const { method, headers } = incoming;
    const { pathname } = new URL(incoming.url ?? "");
    const target = { host: "127.0.0.1", port: site.port, agent: false, method, headers, path: pathname };
    const onward = request(target, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const proxies = { http: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const config = { ...configOf(site.port), url: "http://mcp.invalid/mcp" } as ServerConfig;
  const connection = createConnection(config, { version: "1", proxies });
  t.after(() => connection.close());
  assert.equal((await connection.tools()).tools.length, 2);
  assert.equal((await connection.call("hello", {}, noSignal)).kind, "answered");
  assert.deepEqual([...new Set(asked)], ["mcp.invalid"]);

  const direct = createConnection(config, { version: "1", proxies: { ...proxies, except: ".invalid" } });
  t.after(() => direct.close());
  await assert.rejects(direct.tools(), /cannot be reached at mcp\.invalid/);
});

test("a stream that the server holds open ends with the connection, and keeps no process alive", async (t) => {
  const site = await serve(t);
  const connection = createConnection(configOf(site.port), { version: "1" });
  assert.equal((await connection.tools()).tools.length, 2);
  const [held] = await site.held;
  const ended = once(held, "close");
  await connection.close();
  await ended;
});
