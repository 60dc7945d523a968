import assert from "node:assert/strict";
import { test } from "node:test";
import { messageForPerson, type ModelFailure } from "../../../src/errors.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { errorBody, type Fault } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, failure, key, serve } from "../compose.js";

const refusals: [string, Fault, ModelFailure, RegExp][] = [
  [
    "a wrong key",
    { status: 401, body: errorBody(`Incorrect API key: ${key}`, "invalid_api_key") },
    "wrong-key",
    /OPENAI_API_KEY/,
  ],
  ["a forbidden request", { status: 403, body: errorBody("no") }, "refused", /OPENAI_API_KEY/],
  [
    "pitfall 28: a spent quota",
    { status: 429, body: errorBody("You exceeded", "insufficient_quota") },
    "spent-quota",
    /credit/,
  ],
  [
    "a spent quota told by its type",
    { status: 429, body: errorBody("x", null, null, "insufficient_quota") },
    "spent-quota",
    /raise its limit/,
  ],
  [
    "too many requests",
    { status: 429, body: errorBody("slow down", "rate_limit_exceeded") },
    "rate-limit",
    /slow down/,
  ],
  ["a fault of the server", { status: 503, body: "<html>Bad gateway</html>" }, "server-fault", /503/],
  ["a conflict", { status: 409, body: "" }, "server-fault", /409/],
  ["a request timeout", { status: 408, body: "" }, "server-fault", /408/],
  [
    "too long a context",
    { status: 400, body: errorBody("too long", "context_length_exceeded", "messages") },
    "context-too-long",
    /CONTEXT_TOKENS/,
  ],
  [
    "an unknown model",
    { status: 404, body: errorBody("no such model", "model_not_found") },
    "unknown-model",
    /SMART_LLM_MODEL/,
  ],
  [
    "a wrong address",
    { status: 404, body: { detail: "Not Found" } },
    "unknown-model",
    /Not Found.*OPENAI_API_BASE_URL.*SMART_LLM_MODEL/,
  ],
  [
    "an error that is a text",
    { status: 500, body: { error: "model crashed\n\u001b[31mred" } },
    "server-fault",
    /model crashed \[31mred"\.$/,
  ],
  [
    "an error in a list",
    { status: 500, body: [{ error: { message: "overloaded" } }] },
    "server-fault",
    /overloaded"\.$/,
  ],
  ["a very long message", { status: 500, body: "x".repeat(50_000) }, "server-fault", /xxx…"$/],
];
for (const [what, fault, kind, message] of refusals) {
  test(`${what} is told as ${kind}, and ${kind === "server-fault" ? "may be billed" : "costs nothing"}`, async (t) => {
    const server = await serve(t, { faults: { 0: fault } });
    const error = await failure(chatOn(server.url).send(ask()));
    assert.equal(error.kind, kind);
    assert.match(messageForPerson(error), message);
    assert.doesNotMatch(error.message, /[A-Z]_[A-Z]|--resume/, "settings are advice for a person, not for a model");
    assert.ok(error.message.length < 700);
    assert.equal(error.billed, kind === "server-fault" ? "reservation" : "nothing");
    assert.equal(server.requests.length, 1);
  });
}

test("a retired model is told with its date and its replacement", async (t) => {
  const body = errorBody("The model has been deprecated", "model_not_found");
  const server = await serve(t, { faults: { 0: { status: 404, body } } });
  const error = await failure(chatOn(server.url, "gpt-3.5-turbo").send(ask()));
  assert.equal(error.kind, "unknown-model");
  assert.match(messageForPerson(error), /gpt-3\.5-turbo.*2026-10-23.*SMART_LLM_MODEL=gpt-6-luna/);
});

test("a server that wants a key where there is none says which setting", async (t) => {
  const server = await serve(t, { faults: { 0: { status: 401, body: "" } } });
  const open = createModelServer({ baseUrl: server.url, timeoutMs: 60_000 });
  const error = await failure(chatOn(server.url, "m", { server: open }).send(ask()));
  assert.match(messageForPerson(error), /wants an API key\. Set OPENAI_API_KEY\.$/);
});

for (const [header, kind, value, least, most] of [
  ["retry-after", "7", () => "7", 7000, 7000],
  ["retry-after-ms", "250", () => "250", 250, 250],
  ["retry-after", "a date", () => new Date(Date.now() + 600_000).toUTCString(), 300_000, 600_000],
] as const) {
  test(`keeps ${header}: ${kind}`, async (t) => {
    const server = await serve(t, { faults: { 0: { status: 429, headers: { [header]: value() }, body: "" } } });
    const { retryAfterMs } = await failure(chatOn(server.url).send(ask()));
    assert.ok(retryAfterMs !== undefined && retryAfterMs >= least && retryAfterMs <= most, String(retryAfterMs));
  });
}

test("a server that takes no limit at all is not asked where a limit of the run rests on it", async (t) => {
  const refuse = (name: string): Fault => ({ status: 400, body: errorBody("no", "unsupported_parameter", name) });
  const server = await serve(t, {
    chat: ["never sent"],
    faults: { 0: refuse("max_completion_tokens"), 1: refuse("max_tokens") },
  });
  const model = chatOn(server.url, "gpt-6.1-terra", { limited: true });
  assert.equal((await failure(model.send(ask()))).kind, "bad-parameter");
  assert.equal((await failure(model.send(ask()))).kind, "bad-parameter");
  const { kind, message } = await failure(model.send(ask()));
  assert.equal(kind, "refused");
  assert.match(message, /neither max_tokens nor max_completion_tokens/);
  assert.equal(server.requests.length, 2);
});
