import assert from "node:assert/strict";
import { test } from "node:test";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { createTokenCounter } from "../../../src/model/tokens.js";
import { errorBody, reply, type Fault } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, connect, failure, key, optionalParameters, replySchema, serve } from "../compose.js";

test("answers with the text, why it ended and the usage of the server", async (t) => {
  const text = reply("do_nothing");
  const server = await serve(t, { chat: [text] });
  const answer = await chatOn(server.url).send(ask("Hello"));
  assert.equal(answer.text, text);
  assert.equal(answer.finishReason, "stop");
  assert.ok(answer.usage.promptTokens > 0 && answer.usage.completionTokens > 10);
  assert.equal(answer.usage.estimated, undefined);
  assert.equal(server.requests[0]?.headers.authorization, `Bearer ${key}`);
});

test("reports cached tokens", async (t) => {
  const server = await serve(t, { chat: ["a", "b"], cache: true });
  const model = chatOn(server.url);
  const long = { role: "system" as const, content: "word ".repeat(3000) };
  const first = await model.send(ask("", { messages: [long, { role: "user", content: "one" }] }));
  const second = await model.send(ask("", { messages: [long, { role: "user", content: "two" }] }));
  assert.equal(first.usage.cachedTokens, 0);
  assert.ok(second.usage.cachedTokens >= 3000);
});

test("sends what the catalog says the model takes, and nothing else", async (t) => {
  const server = await serve(t, { chat: () => "{}" });
  const request = ask("x", { replySchema, answerTokens: 900 });
  const streamed = { stream: true, stream_options: { include_usage: true } };
  const kept = { prompt_cache_options: { mode: "explicit" } };
  const wishes = { temperature: 0, reasoningEffort: "none" } as const;
  await chatOn(server.url, "gpt-6.1-terra").send(request);
  await chatOn(server.url, "gpt-6.1-terra", { temperature: 0.5 }).send(request);
  await chatOn(server.url, "gpt-6.1-terra", { temperature: 0.5, reasoningEffort: "high" }).send(request);
  await chatOn(server.url, "gpt-6.1-terra", wishes).send(request);
  await chatOn(server.url, "gpt-6.2-sol", wishes).send(request);
  await chatOn(server.url, "gpt-5", wishes).send(request);
  await chatOn(server.url, "o3", { reasoningEffort: "max" }).send(request);
  await chatOn(server.url, "gpt-4o", wishes).send(request);
  await chatOn(server.url, "gpt-3.5-turbo", wishes).send(request);
  await chatOn(server.url, "gpt-4", wishes).send(request);
  await chatOn(server.url, "local-model", wishes).send(request);
  await chatOn(server.url, "gpt-4o").send(ask("x", { answerTokens: 900 }));
  const sent = server.chatRequests().map(optionalParameters);
  const response_format = { type: "json_schema", json_schema: replySchema };
  assert.deepEqual(sent, [
    { max_completion_tokens: 900, response_format, ...streamed, ...kept },
    { max_completion_tokens: 900, response_format, ...streamed, ...kept },
    { max_completion_tokens: 900, response_format, reasoning_effort: "high", ...streamed, ...kept },
    { max_completion_tokens: 900, response_format, reasoning_effort: "none", temperature: 0, ...streamed, ...kept },
    { max_completion_tokens: 900, response_format, reasoning_effort: "low", ...streamed, ...kept },
    { max_completion_tokens: 900, response_format, reasoning_effort: "low", ...streamed },
    { max_completion_tokens: 900, response_format, reasoning_effort: "high", ...streamed },
    { max_tokens: 900, response_format, temperature: 0, ...streamed },
    { max_tokens: 900, response_format: { type: "json_object" }, temperature: 0, ...streamed },
    { max_tokens: 900, temperature: 0, ...streamed },
    { max_tokens: 900, response_format, temperature: 0, ...streamed },
    { max_tokens: 900, ...streamed },
  ]);
});

test("an answer cut at the limit says so", async (t) => {
  const server = await serve(t, { chat: ["word ".repeat(2000), { text: null, finishReason: "length" }] });
  const model = chatOn(server.url);
  const cut = await model.send(ask("x", { answerTokens: 600 }));
  assert.equal(cut.finishReason, "length");
  assert.equal(cut.usage.completionTokens, 600);
  const empty = await model.send(ask());
  assert.deepEqual([empty.text, empty.finishReason], ["", "length"]);
});

test("an answer for another reason is an answer", async (t) => {
  const calls = { choices: [{ message: { content: null, tool_calls: [{}] }, finish_reason: "tool_calls" }] };
  const bare = { choices: [{ message: { content: "hi" } }] };
  const server = await serve(t, { chat: [{ body: calls }, { body: bare }] });
  const model = chatOn(server.url);
  const first = await model.send(ask());
  assert.deepEqual([first.text, first.finishReason], ["", "other"]);
  const second = await model.send(ask());
  assert.deepEqual([second.text, second.finishReason], ["hi", "other"]);
});

test("usage that is missing or senseless is settled at the larger of the tokeniser's count and a third of the characters", async (t) => {
  const server = await serve(t, {
    chat: [
      { text: "hello world", usage: null },
      { text: "hello world", usage: { prompt_tokens: -4, completion_tokens: "many" } },
    ],
  });
  const entry = createCatalog().get("gpt-4o");
  const counter = createTokenCounter(entry);
  await counter.load();
  const model = chatOn(server.url, "gpt-4o", { counter });
  for (let index = 0; index < 2; index++) {
    const { usage } = await model.send(ask("hello world"));
    assert.deepEqual(usage, { promptTokens: 11, cachedTokens: 0, completionTokens: 4, estimated: true });
  }
});

const noCompletions: [string, Fault][] = [
  ["a web page", "garbage"],
  ["an empty body", "empty-body"],
  ["no choices", { status: 200, body: { choices: [] } }],
  ["a content that is no text", { status: 200, body: { choices: [{ message: { content: [1] } }] } }],
  ["no content at all", { status: 200, body: { choices: [{ message: {} }] } }],
  ["a list", { status: 200, body: [1, 2] }],
  ["more than 20 MB", { status: 200, body: `"${"x".repeat(20_000_001)}"` }],
];
for (const [what, fault] of noCompletions) {
  test(`an answer that is ${what} is no completion, but may be billed`, async (t) => {
    const server = await serve(t, { faults: { 0: fault } });
    const error = await failure(chatOn(server.url).send(ask()));
    assert.equal(error.kind, "not-a-completion");
    assert.equal(error.billed, "reservation");
    assert.ok(error.message.length < 500);
  });
}

test("models at one address share what the server refuses, each for itself", async (t) => {
  const refusal = { status: 400, body: errorBody("Unsupported parameter: 'max_tokens'", null, "max_tokens") };
  const server = await serve(t, { chat: () => "ok", faults: { 0: refusal } });
  const shared = connect(server.url);
  const error = await failure(chatOn(server.url, "local-model", { server: shared }).send(ask()));
  assert.equal(error.adapted, true);
  await chatOn(server.url, "local-model", { server: shared }).send(ask());
  await chatOn(server.url, "other-model", { server: shared }).send(ask());
  const [, second, third] = server.chatRequests().map(({ body }) => body);
  assert.deepEqual([second?.max_tokens, second?.max_completion_tokens], [undefined, 4000]);
  assert.deepEqual([third?.max_tokens, third?.max_completion_tokens], [4000, undefined]);
});
