import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { messageForPerson, SettingsError } from "../../../src/errors.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { manualClock } from "../../support/manual-clock.js";
import { requireProgram } from "../../support/services/services.js";
import { ask, chatOn, failure, runOn, serve } from "../compose.js";
import { listenLocally } from "../../support/services/local-server.js";

test("sends no Authorization header without a key", async (t) => {
  const server = await serve(t, { chat: ["hi"] });
  const open = createModelServer({ baseUrl: `${server.url}/`, timeoutMs: 60_000 });
  await chatOn(server.url, "local-model", { server: open }).send(ask());
  assert.equal(server.requests[0]?.headers.authorization, undefined);
  assert.equal(server.requests[0]?.path, "/v1/chat/completions");
});

for (const [fault, kind] of [
  ["hang", "timeout"],
  ["hang-body", "timeout"],
  ["cut", "no-connection"],
  ["drop", "no-connection"],
] as const) {
  test(`pitfall 29: "${fault}" is told as ${kind}, and may be billed`, async (t) => {
    const clock = manualClock();
    const server = await serve(t, { faults: { 0: fault } });
    const failed = failure(chatOn(server.url, "gpt-4o", { timeoutMs: 300, timer: clock.timer }).send(ask()));
    await server.arrived(1);
    if (kind === "timeout") clock.advance(300);
    const error = await failed;
    assert.equal(error.kind, kind);
    assert.equal(error.billed, "reservation");
    assert.match(error.advice ?? "", kind === "timeout" ? /OPENAI_TIMEOUT/ : /OPENAI_API_BASE_URL/);
  });
}

test("a server that is not there is told as no-connection, and costs nothing", async (t) => {
  const server = await serve(t);
  await server.close();
  const error = await failure(chatOn(server.url).send(ask()));
  assert.equal(error.kind, "no-connection");
  assert.match(error.message, /ECONNREFUSED/);
  assert.equal(error.billed, "nothing");
});

test("pitfall 28: an abort ends the request with the signal's reason", async (t) => {
  const server = await serve(t, { faults: () => "hang" });
  const controller = new AbortController();
  const reason = new Error("Ctrl-C");
  const rejected = assert.rejects(chatOn(server.url).send(ask("x", { signal: controller.signal })), reason);
  await server.arrived(1);
  controller.abort(reason);
  await rejected;
  await assert.rejects(chatOn(server.url).send(ask("x", { signal: controller.signal })), reason);
});

test("pitfall 28: an abort is caught whenever it comes, also before the request has begun", async (t) => {
  const server = await serve(t, { faults: () => "hang-body" });
  const uncaught: unknown[] = [];
  const note = (thrown: unknown) => uncaught.push(thrown);
  process.on("uncaughtException", note);
  t.after(() => process.off("uncaughtException", note));
  const reason = new Error("Ctrl-C");
  const model = chatOn(server.url);
  for (let turns = 0; turns < 60; turns++) {
    const controller = new AbortController();
    const waiting = model.send(ask("x", { signal: controller.signal }));
    const rejected = assert.rejects(waiting, reason);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    controller.abort(reason);
    await rejected;
  }
  // By the time that another request is answered, what was thrown behind these has been thrown.
  await server.close();
  const next = await serve(t, { chat: ["ok"] });
  assert.equal((await chatOn(next.url).send(ask())).text, "ok");
  assert.deepEqual(uncaught, []);
});

test("an address that begins with https:// where the server speaks http costs nothing, and says so", async (t) => {
  const server = await serve(t, { chat: ["hi"] });
  const error = await failure(chatOn(server.url.replace("http:", "https:")).send(ask()));
  assert.deepEqual([error.kind, error.billed], ["no-connection", "nothing"]);
  assert.match(error.advice ?? "", /does not speak TLS.*OPENAI_API_BASE_URL/);
});

test("a certificate that is not trusted costs nothing, and says what to do", async (t) => {
  const openssl = await requireProgram(t, ["openssl"], "openssl");
  if (openssl === null) return;
  const folder = await mkdtemp(join(tmpdir(), "autogpt-tls-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  await promisify(execFile)(openssl, [...made, "-keyout", key, "-out", cert]);
  const server = createServer({ key: await readFile(key), cert: await readFile(cert) });
  server.on("tlsClientError", () => undefined);
  const port = await listenLocally(server);
  t.after(() => server.close());
  const error = await failure(chatOn(`https://localhost:${port}/v1`).send(ask()));
  assert.deepEqual([error.kind, error.billed], ["no-connection", "nothing"]);
  assert.match(messageForPerson(error), /SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/);
});

test("leaves nothing on a signal that lives as long as the run", async (t) => {
  const server = await serve(t, { chat: () => "ok", faults: (_, index) => (index % 5 === 4 ? "drop" : undefined) });
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on("warning", warned);
  t.after(() => process.off("warning", warned));
  const { signal } = new AbortController();
  const model = chatOn(server.url);
  for (let index = 0; index < 100; index++) await model.send(ask("x", { signal })).catch(() => undefined);
  assert.equal(getEventListeners(signal, "abort").length, 0);
  assert.deepEqual(warnings, []);
});

for (const [what, baseUrl] of [
  ["no address", "localhost"],
  ["another protocol", "ftp://example.com/v1"],
  ["a query", "https://example.com/v1?api-version=1&key=secret"],
  ["a password", "https://me:secret@example.com/v1"],
] as const) {
  test(`a base URL that is ${what} is an error of the settings`, () => {
    assert.throws(
      () => createModelServer({ baseUrl, timeoutMs: 1000 }),
      (thrown: unknown) =>
        thrown instanceof SettingsError && /OPENAI_API_BASE_URL/.test(thrown.message) && !/secret/.test(thrown.message),
    );
  });
}

test("a key that cannot stand in a header is an error of the settings that does not show it", () => {
  assert.throws(
    () => createModelServer({ baseUrl: "https://api.openai.com/v1", apiKey: "sk-one\nsk-two", timeoutMs: 1000 }),
    (thrown: unknown) =>
      thrown instanceof SettingsError && /OPENAI_API_KEY/.test(thrown.message) && !/sk-/.test(thrown.message),
  );
});

for (const [location, told] of [
  ["https://elsewhere.example/v1/chat/completions?key=hidden", "to https://elsewhere.example/v1/chat/completions "],
  ["//user:hidden@elsewhere.example/", "to http://elsewhere.example/ "],
  [undefined, ""],
] as const) {
  test(`a redirect to ${location ?? "nowhere"} is not followed: it is told, not repeated and not billed`, async (t) => {
    const fault = { status: 307, headers: location === undefined ? {} : { location }, body: "" };
    const server = await serve(t, { faults: () => fault });
    const { chat } = runOn(server.url);
    const error = await failure(chatOn(server.url).send(ask()));
    assert.deepEqual([error.kind, error.billed], ["refused", "nothing"]);
    assert.ok(error.message.includes(` has moved ${told}(status 307)`), error.message);
    assert.match(error.advice ?? "", /OPENAI_API_BASE_URL/);
    assert.doesNotMatch(messageForPerson(error), /hidden/);
    await assert.rejects(chat.send(ask()), { message: error.message });
    assert.equal(server.requests.length, 2);
  });
}

test("a key does not follow a redirect to another host", async (t) => {
  const other = await serve(t, { chat: () => "never asked" });
  const location = `${other.url.replace("127.0.0.1", "localhost")}/chat/completions`;
  const server = await serve(t, { faults: () => ({ status: 308, headers: { location }, body: "" }) });
  assert.equal((await failure(chatOn(server.url).send(ask()))).kind, "refused");
  assert.equal(other.requests.length, 0);
});

test("a status that HTTP does not know is told as it is", async (t) => {
  const server = await serve(t, { faults: { 0: { status: 700, body: "odd" } } });
  const error = await failure(chatOn(server.url).send(ask()));
  assert.equal(error.kind, "server-fault");
  assert.match(error.message, /\(status 700\).*"odd"/);
});
