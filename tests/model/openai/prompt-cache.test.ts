import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../../src/model/model.js";
import { createServerCapabilities } from "../../../src/model/openai/learned/capabilities.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { createPromptCache } from "../../support/services/billing/fake-prompt-cache.js";
import { errorBody, type FakeOpenAi } from "../../support/services/fake-open-ai.js";
import { ask, chatOn, connect, failure, key, serve } from "../compose.js";

const system: Message = { role: "system", content: "The goals and the rules. ".repeat(300) };
const step = (number: number): Message[] => [
  { role: "assistant", content: `reply ${number}` },
  { role: "user", content: `result ${number}: ${"some words of it ".repeat(40)}` },
];
/** The request of a step: what stays, and a last message that does not. */
const requestOf = (number: number) => {
  const stays = [system, ...Array.from({ length: number - 1 }, (_, index) => step(index + 1)).flat()];
  const messages: Message[] = [...stays, { role: "user", content: `It is ${number} o'clock.` }];
  return ask("", { messages, repeated: { messages: stays.length, key: "run-1" } });
};
const mark = { prompt_cache_breakpoint: { mode: "explicit" } };
const cacheFields = (server: FakeOpenAi, request: number) => {
  const { body, sent } = server.chatRequests()[request] ?? {};
  const parts = sent?.filter(({ content }) => Array.isArray(content));
  return { options: body?.["prompt_cache_options"], key: body?.["prompt_cache_key"], parts };
};
const none = { options: undefined, key: undefined, parts: [] };

test("the system prompt and every result that stays are marked, at the same places in every step, under the run's key", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  const model = chatOn(server.url);
  for (const number of [1, 2, 3]) await model.send(requestOf(number));
  const part = ({ role, content }: Message) => ({ role, content: [{ type: "text", text: content, ...mark }] });
  const [first, second] = [step(1), step(2)] as [Message[], Message[]];
  const third = server.chatRequests()[2];
  assert.deepEqual(third?.sent, [
    part(system),
    first[0],
    part(first[1] as Message),
    second[0],
    part(second[1] as Message),
    { role: "user", content: "It is 3 o'clock." },
  ]);
  assert.deepEqual(cacheFields(server, 2), {
    ...{ options: { mode: "explicit" }, key: "run-1" },
    parts: [part(system), part(first[1] as Message), part(second[1] as Message)],
  });
  for (const [index, { sent }] of server.chatRequests().entries())
    assert.deepEqual(sent.slice(0, -1), third?.sent.slice(0, 1 + 2 * index));
});

test("a step reads what the one before wrote, writes what came since, and pays the last message as it is", async (t) => {
  const server = await serve(t, { chat: () => "ok", cache: createPromptCache() });
  const model = chatOn(server.url);
  const usages = [];
  for (const number of [1, 2, 3, 4]) usages.push((await model.send(requestOf(number))).usage);
  const [first, second, third, fourth] = usages;
  const prefix = (first?.cacheWriteTokens ?? 0) > 1024 ? (first?.cacheWriteTokens ?? 0) : NaN;
  assert.equal(first?.cachedTokens, 0);
  assert.equal(second?.cachedTokens, prefix);
  const grown = second?.cacheWriteTokens ?? NaN;
  assert.ok(grown > 100 && grown < 250, String(grown));
  assert.equal(third?.cachedTokens, prefix + grown);
  assert.equal(fourth?.cachedTokens, prefix + 2 * grown);
  const plain = fourth.promptTokens - fourth.cachedTokens - (fourth.cacheWriteTokens ?? 0);
  assert.ok(plain < 20, `${plain} tokens at the plain price`);
});

test("without marks the service's own breakpoint writes the whole prompt and finds nothing, step after step", async (t) => {
  const server = await serve(t, { chat: () => "ok", cache: createPromptCache() });
  const model = chatOn(server.url, "gpt-6.1-terra", { promptCache: "off" });
  for (const number of [1, 2, 3]) {
    const { usage } = await model.send(requestOf(number));
    assert.deepEqual([usage.cachedTokens, usage.cacheWriteTokens], [0, usage.promptTokens - 3]);
  }
  assert.deepEqual(cacheFields(server, 2), none);
});

test("a single request asks for nothing to be kept, and writes nothing", async (t) => {
  const server = await serve(t, { chat: () => "ok", cache: createPromptCache() });
  const { usage } = await chatOn(server.url).send(ask("word ".repeat(3000), { purpose: "summary" }));
  assert.deepEqual([usage.cachedTokens, usage.cacheWriteTokens], [0, undefined]);
  assert.deepEqual(cacheFields(server, 0), { options: { mode: "explicit" }, key: undefined, parts: [] });
});

test("what was kept is lost after its time, and written again once", async (t) => {
  let now = 0;
  const server = await serve(t, { chat: () => "ok", cache: createPromptCache({ now: () => now }) });
  const model = chatOn(server.url);
  const read = [];
  for (const [number, minutes] of [
    [1, 0],
    [2, 20],
    [3, 20],
    [4, 40],
    [5, 1],
  ] as const) {
    now += minutes * 60_000;
    const { usage } = await model.send(requestOf(number));
    read.push(usage.cachedTokens > 1024);
  }
  assert.deepEqual(read, [false, true, true, false, true]);
});

test("models of which the catalog does not know that they take breakpoints are not asked, unless that is set", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  await chatOn(server.url, "gpt-4o").send(requestOf(2));
  await chatOn(server.url, "local-model").send(requestOf(2));
  await chatOn(server.url, "local-model", { promptCache: "breakpoints" }).send(requestOf(2));
  assert.deepEqual(cacheFields(server, 0), none);
  assert.deepEqual(cacheFields(server, 1), none);
  assert.equal(cacheFields(server, 2).parts?.length, 2);
});

const refusals = [
  ["an unknown parameter", errorBody("Unrecognized request argument supplied: prompt_cache_options", null, null)],
  ["its name in param", errorBody("Unknown parameter.", "unknown_parameter", "prompt_cache_options.mode")],
  ["the key", errorBody("Unsupported parameter: prompt_cache_key", "unsupported_parameter", "prompt_cache_key")],
  ["a mark", errorBody("Extra inputs are not permitted", null, "messages[0].content[0].prompt_cache_breakpoint")],
  ["a content that is no text, in Go", errorBody("cannot unmarshal array into field messages.content of type string")],
  ["a content that is no text, in Rust", errorBody("messages[0].content: invalid type: sequence, expected a string")],
  [
    "a content that is no text, in Python",
    errorBody("('body', 'messages', 0, 'content'): Input should be a valid string"),
  ],
] as const;

for (const [what, body] of refusals) {
  test(`a server that refuses breakpoints (${what}) is asked without them for good; the texts stay the same`, async (t) => {
    const server = await serve(t, { chat: () => "ok", faults: { 0: { status: 400, body } } });
    const shared = connect(server.url);
    const model = chatOn(server.url, "gpt-6.1-terra", { server: shared });
    assert.equal((await failure(model.send(requestOf(2)))).adapted, true);
    await model.send(requestOf(2));
    await model.send(requestOf(3));
    for (const request of [1, 2]) assert.deepEqual(cacheFields(server, request), none);
    const [refused, repeated] = server.chatRequests().map(({ body: sent }) => sent?.messages);
    assert.deepEqual(repeated, refused);
    assert.equal(server.chatRequests()[1]?.body?.max_completion_tokens, 4000, "nothing else is left out");
  });
}

test("a server that answered before, and refuses without a reason what it is asked for the first time, is asked without it", async (t) => {
  const server = await serve(t, { chat: () => "ok", faults: { 0: { status: 400, body: errorBody("Bad request") } } });
  const capabilities = createServerCapabilities({ "gpt-6.1-terra": { proven: true } });
  const shared = createModelServer({ baseUrl: server.url, apiKey: key, timeoutMs: 60_000, capabilities });
  const model = chatOn(server.url, "gpt-6.1-terra", { server: shared });
  assert.equal((await failure(model.send(requestOf(2)))).adapted, true);
  await model.send(requestOf(2));
  assert.deepEqual(cacheFields(server, 1), none);
});

test("a refusal without a reason changes nothing where breakpoints have been taken before", async (t) => {
  const server = await serve(t, { chat: () => "ok", faults: { 1: { status: 400, body: errorBody("Bad request") } } });
  const model = chatOn(server.url, "gpt-6.1-terra", { server: connect(server.url) });
  await model.send(requestOf(1));
  assert.equal((await failure(model.send(requestOf(2)))).adapted, false);
  await model.send(requestOf(2));
  assert.equal(cacheFields(server, 2).parts?.length, 2);
});
