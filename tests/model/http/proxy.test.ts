import assert from "node:assert/strict";
import { createServer, request as plainRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import type { Proxies } from "../../../src/base/proxies.js";
import { messageForPerson } from "../../../src/errors.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { wayTo } from "../../../src/model/http/proxy.js";
import { listenLocally } from "../../support/services/local-server.js";
import { ask, chatOn, failure, key, serve } from "../compose.js";

const password = "hidden-word";

/** An HTTP proxy that knows one name, and notes what it was asked for. */
async function startProxy(t: TestContext, target: URL, status = 200) {
  const asked: string[] = [];
  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    if (status !== 200) return void response.writeHead(status).end();
    const { pathname } = new URL(request.url ?? "");
    const options = { host: target.hostname, port: target.port, path: pathname, method: request.method ?? "GET" };
    const onward = plainRequest({ ...options, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  };
  const proxy = createServer(forward);
  proxy.on("connect", ({ url, headers }: IncomingMessage, socket) => {
    asked.push(`CONNECT ${url} ${headers["proxy-authorization"] ?? ""}`.trim());
    socket.on("error", () => undefined);
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const onward = connect(Number(target.port), target.hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
  });
  const port = await listenLocally(proxy);
  t.after(() => (proxy.closeAllConnections(), proxy.close()));
  return { asked, url: `http://me:${password}@127.0.0.1:${port}`, host: `127.0.0.1:${port}` };
}

const modelAt = (baseUrl: string, proxies: Proxies) =>
  chatOn(baseUrl, "m", { server: createModelServer({ baseUrl, apiKey: key, timeoutMs: 60_000, proxies }) });

test("a server is asked through the proxy of its scheme, by its name, with the proxy's password", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  const proxy = await startProxy(t, new URL(server.url));
  const credentials = `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
  for (const proxies of [{ http: proxy.url }, { all: proxy.url }, { http: proxy.url, https: "http://127.0.0.1:9" }]) {
    proxy.asked.length = 0;
    assert.equal((await modelAt("http://model.invalid/v1", proxies).send(ask())).text, "ok");
    assert.deepEqual(proxy.asked, [`POST http://model.invalid/v1/chat/completions ${credentials}`]);
  }
  await failure(modelAt("https://model.invalid/v1", { https: proxy.url }).send(ask()));
  assert.equal(proxy.asked.at(-1), `CONNECT model.invalid:443 ${credentials}`);
});

test("no proxy is used for this machine, for what NO_PROXY lists, or for the other scheme", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  const dead = "http://127.0.0.1:9";
  assert.equal((await modelAt(server.url, { http: dead, all: dead }).send(ask())).text, "ok");
  assert.equal(wayTo("http://localhost:1/v1", { http: dead }).proxy, null);
  assert.equal(wayTo("http://[::1]:1/v1", { http: dead }).proxy, null);
  assert.equal(wayTo("https://a.example.com/v1", { https: dead, except: ".example.com" }).proxy, null);
  assert.equal(wayTo("https://example.org/v1", { https: dead, except: ".example.com" }).proxy?.port, "9");
  assert.equal(wayTo("http://example.org/v1", { https: dead }).proxy, null);
});

test("a failure names the proxy, or the one that is not used, and never its password", async (t) => {
  const told = async (address: string, proxies: Proxies) => {
    const error = await failure(modelAt(address, proxies).send(ask()));
    const text = messageForPerson(error);
    assert.ok(!text.includes(password), text);
    return { ...error, text };
  };
  const dead = `http://me:${password}@127.0.0.1:9`;
  const gone = await told("http://model.invalid/v1", { http: dead });
  assert.match(gone.text, /ECONNREFUSED.*through the proxy 127\.0\.0\.1:9.*NO_PROXY/);
  assert.equal(gone.billed, "nothing");
  const other = await told("http://model.invalid/v1", { https: dead });
  assert.match(other.text, /HTTPS_PROXY is not used for http:\/\/; HTTP_PROXY or ALL_PROXY would be/);
  const strict = await startProxy(t, new URL("http://127.0.0.1:9"), 407);
  for (const scheme of ["http", "https"]) {
    const refused = await told(`${scheme}://model.invalid/v1`, { http: strict.url, https: strict.url });
    assert.match(refused.text, /proxy .*wants a user name and a password.*HTTPS_PROXY/);
  }
});
