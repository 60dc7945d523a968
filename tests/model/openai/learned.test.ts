import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { messageForPerson } from "../../../src/errors.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { openServerCapabilities } from "../../../src/model/openai/learned/capability-file.js";
import { temporaryFolder } from "../../support/program.js";
import { errorBody, type Fault } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, connect, failure, replySchema, runOn, serve } from "../compose.js";

const limits = (requests: readonly { body: Record<string, unknown> | undefined }[]) =>
  requests.map(({ body }) => body?.["max_completion_tokens"] ?? body?.["max_tokens"]);

test("a limit that is too large is lowered to the number that is named, for good, and never left out", async (t) => {
  const tooLarge = "max_tokens is too large: 4000. This model gives at most 2048 completion tokens.";
  const server = await serve(t, {
    chat: () => "ok",
    faults: { 0: { status: 400, body: errorBody(tooLarge, "invalid_value", "max_completion_tokens") } },
  });
  const run = runOn(server.url, { limits: { tokens: 100_000 } });
  await run.chat.send(ask());
  const { mostTokens } = await run.chat.send(ask("x", { answerTokens: 16_000 }));
  assert.deepEqual(limits(server.chatRequests()), [4000, 2048, 2048]);
  assert.equal(mostTokens, 2048);
});

test("a limit that a larger request first goes beyond keeps the parameter of the smaller ones", async (t) => {
  const range = {
    status: 400,
    body: errorBody("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"),
  };
  const server = await serve(t, {
    chat: () => "ok",
    faults: ({ body }) => ((body?.max_tokens ?? 0) > 8192 ? range : undefined),
  });
  const run = runOn(server.url, { model: "deepseek-chat" });
  for (const answerTokens of [4000, 16_000, 16_000, 4000]) await run.chat.send(ask("x", { answerTokens }));
  assert.deepEqual(limits(server.chatRequests()), [4000, 16_000, 8192, 8192, 4000]);
});

test("where a limit is too large and no number is named, it is halved until it fits", async (t) => {
  const vague = { status: 400, body: errorBody("max_tokens exceeds what this model allows", null, "max_tokens") };
  const server = await serve(t, {
    chat: () => "ok",
    faults: ({ body }) => ((body?.max_tokens ?? 0) > 1000 ? vague : undefined),
  });
  await runOn(server.url, { model: "local" }).chat.send(ask());
  assert.deepEqual(limits(server.chatRequests()), [4000, 2000, 1000]);
});

test("in a window that is too small for prompt and answer, the answer gets a quarter; then the prompt is too long", async (t) => {
  const full = (prompt: number): Fault => ({
    status: 400,
    body: errorBody(
      `'max_tokens' is too large: 4000. This model's maximum context length is 4096 tokens and your request has ${prompt} input tokens.`,
      null,
      "max_tokens",
    ),
  });
  const server = await serve(t, { chat: () => "ok", faults: { 0: full(1200), 2: full(3900) } });
  const run = runOn(server.url, { model: "local" });
  assert.equal((await run.chat.send(ask())).text, "ok");
  await assert.rejects(run.chat.send(ask()), { kind: "context-too-long" });
  assert.deepEqual(limits(server.chatRequests()), [4000, 1024, 1024]);
});

test("a server that takes no system message is asked without one, whatever its word for it", async (t) => {
  for (const message of [
    "Developer instruction is not enabled for models/gem-3",
    "System role not supported",
    "This model does not support system messages",
  ]) {
    const refused = { status: 400, body: [{ error: { code: 400, message } }] };
    const server = await serve(t, {
      chat: () => "ok",
      faults: ({ body }) => (body?.messages.some(({ role }) => role === "system") ? refused : undefined),
    });
    const messages = [
      { role: "system" as const, content: "rules" },
      { role: "user" as const, content: "go" },
    ];
    assert.equal((await runOn(server.url, { model: "local" }).chat.send(ask("", { messages }))).text, "ok");
    assert.equal(server.chatRequests().length, 2, message);
  }
});

test("the plainest form has no system message", async (t) => {
  const server = await serve(t, {
    chat: () => "ok",
    faults: ({ body }) =>
      body?.messages.some(({ role }) => role === "system") ? { status: 400, body: errorBody("no") } : undefined,
  });
  const messages = [
    { role: "system" as const, content: "rules" },
    { role: "user" as const, content: "go" },
  ];
  assert.equal((await runOn(server.url, { model: "local" }).chat.send(ask("", { messages }))).text, "ok");
});

const silent: [string, Fault][] = [
  [
    "a content filter",
    { status: 400, body: errorBody("The prompt set off the content policy", "content_filter", "prompt") },
  ],
  ["a page of a proxy", { status: 400, body: "<html><title>400 Bad Request</title></html>" }],
  ["a fault", { status: 500, body: errorBody("it broke") }],
  ["an error with status 200", { status: 200, body: errorBody("it broke") }],
  ["too many requests", { status: 429, body: errorBody("slow down, no max_tokens left") }],
  ["a wrong key", { status: 401, body: errorBody("response_format") }],
  ["too long a prompt", { status: 400, body: errorBody("the prompt is too long, reduce the length of the messages") }],
];
for (const [what, fault] of silent) {
  test(`nothing is learned of what a server takes from ${what}`, async (t) => {
    const server = await serve(t, { faults: () => fault });
    const connected = connect(server.url);
    const model = chatOn(server.url, "local", { server: connected });
    const before = connected.capabilities.of("local");
    for (let times = 0; times < 3; times++) await failure(model.send(ask("x", { replySchema })));
    assert.deepEqual(connected.capabilities.of("local"), before);
  });
}

test("a content filter is named, with what to do", async (t) => {
  const server = await serve(t, { faults: () => silent[0]?.[1] });
  const error = await failure(chatOn(server.url).send(ask()));
  assert.equal(error.kind, "filtered");
  assert.match(messageForPerson(error), /a content filter refuses the request.*goals.*newest result/);
});

test("what was only tried is asked again after a day, and a model that seems to take no limit at once", async (t) => {
  const file = join(await temporaryFolder(t), "servers.json");
  const server = await serve(t, { chat: () => "ok", faults: { 0: { status: 422, body: errorBody("no") } } });
  const open = (days = 0) => openServerCapabilities(file, server.url, () => new Date(Date.now() + days * 86_400_000));
  const connected = createModelServer({ baseUrl: server.url, timeoutMs: 60_000, capabilities: open() });
  const model = chatOn(server.url, "local", { server: connected });
  await assert.rejects(model.send(ask("x", { replySchema })));
  await model.send(ask("x", { replySchema }));
  assert.equal(open(0.9).of("local").reply, "text");
  assert.equal(open(1.1).of("local").reply, undefined);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"refused": [', '"refused": ["max_tokens", "max_completion_tokens", '));
  assert.deepEqual(
    open()
      .of("local")
      .refused.filter((name) => name.startsWith("max")),
    [],
  );
});

test("half a surrogate pair is in no request", async (t) => {
  const server = await serve(t, { chat: ["ok"] });
  await chatOn(server.url).send(ask("Command foo\ud83d returned"));
  assert.equal(server.requests[0]?.body?.messages[0]?.content, "Command foo\ufffd returned");
});
