import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer, type ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { ConnectionFailure } from "../../../src/model/http/errors.js";
import { fetchAnswer, readBody } from "../../../src/model/http/fetch.js";
import { listenLocally } from "../../support/services/local-server.js";

async function served(t: TestContext, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${port}/`;
}

for (const [status, coding] of [
  [200, "deflate"],
  [500, "deflate"],
  [200, "gzip"],
  [200, "br"],
  [200, "identity"],
] as const) {
  test(`an abort ends an answer (${status}, ${coding}) of which only the headers have come`, async (t) => {
    const url = await served(t, (response) => {
      response.writeHead(status, { "content-encoding": coding });
      response.flushHeaders();
    });
    const controller = new AbortController();
    const begun = (): unknown => setImmediate(() => controller.abort());
    subscribe("http.client.response.finish", begun);
    t.after(() => unsubscribe("http.client.response.finish", begun));
    const { signal } = controller;
    const reading = fetchAnswer(url, { signal }).then((answer) => readBody(answer, signal));
    await assert.rejects(reading, (thrown) => thrown instanceof ConnectionFailure && thrown.sent);
  });
}

test("a server that changes to another protocol, where nobody asked it to, has given no answer", async (t) => {
  const url = await served(t, ({ socket }) =>
    socket?.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n"),
  );
  await assert.rejects(
    fetchAnswer(url),
    (thrown) => thrown instanceof ConnectionFailure && thrown.code === "ECONNRESET",
  );
});

for (const coding of ["gzip", "deflate", "br"]) {
  test(`an answer that is said to be packed (${coding}) and is empty is an empty answer`, async (t) => {
    const url = await served(t, (response) => response.writeHead(200, { "content-encoding": coding }).end());
    assert.equal((await readBody(await fetchAnswer(url))).length, 0);
  });
}
