import assert from "node:assert/strict";
import { test } from "node:test";
import { mostPromptTokens, createTokenCounter } from "../../../src/model/tokens.js";
import type { Answer, Message } from "../../../src/model/model.js";
import { showStep } from "../../../src/prompt/history.js";
import { errorBody, reply, type Fault } from "../../support/services/fake-open-ai.js";
import type { InputItem } from "../../support/services/responses/fake-responses.js";
import { ask, chatOn, failure, serve } from "../compose.js";

const thought = (id: string, encrypted = `secret of ${id}`): InputItem => ({
  ...{ type: "reasoning", id, summary: [], content: null, status: "completed", encrypted_content: encrypted },
});
const asSent = (id: string) => ({ type: "reasoning", id, summary: [], encrypted_content: `secret of ${id}` });
const responses = { api: "responses" } as const;

/** A conversation in which this answer was given. */
const after = ({ text, reasoning }: Answer): Message[] => [
  { role: "user", content: "What next?" },
  { role: "assistant", content: text, ...(reasoning && { reasoning }) },
  { role: "user", content: "And now?" },
];

test("what a model thought goes back before its reply, to that model, by this API, and to no other", async (t) => {
  const server = await serve(t, { chat: () => ({ text: "ok", reasoning: thought("rs_1") }) });
  const model = chatOn(server.url, "gpt-6.1-terra", responses);
  const answer = await model.send(ask());
  assert.deepEqual(answer.reasoning?.items, [asSent("rs_1")]);
  const messages = after(answer);
  await model.send(ask("", { messages }));
  const input = server.requests[1]?.responses?.input as InputItem[];
  assert.deepEqual(
    input.map(({ type, role, id }) => id ?? role ?? type),
    ["user", "rs_1", "assistant", "user"],
  );
  assert.deepEqual(input[1], asSent("rs_1"));
  await chatOn(server.url, "gpt-6.1-sol", responses).send(ask("", { messages }));
  await chatOn(server.url).send(ask("", { messages }));
  const others = server.requests.slice(2).map(({ responses: body, sent }) => JSON.stringify(body?.input ?? sent));
  assert.ok(others.every((text) => !text.includes("rs_1") && text.includes("And now?")));
  assert.equal((await model.send(ask("x", { purpose: "summary" }))).reasoning, undefined);
});

test("it counts where it is sent: by what the service says, or by its length", async (t) => {
  const usage = (reasoning: number) => ({
    ...{ prompt_tokens: 10, completion_tokens: 5_000, total_tokens: 5_010 },
    completion_tokens_details: { reasoning_tokens: reasoning },
  });
  const server = await serve(t, {
    chat: [3_000, 0].map((tokens) => ({
      text: "ok",
      usage: usage(tokens),
      reasoning: thought("rs_1", "x".repeat(3_000)),
    })),
  });
  const model = chatOn(server.url, "gpt-6.1-terra", responses);
  const counter = createTokenCounter({ encoding: "o200k_base" });
  const [counted, uncounted] = [await model.send(ask()), await model.send(ask())];
  const bare = mostPromptTokens(after({ ...counted, reasoning: undefined } as never), counter);
  assert.ok(mostPromptTokens(after(uncounted), counter) - bare >= 1_000);
  assert.ok(counter.messageTokens(after(uncounted)) >= 1_000);
});

test("what is too long to be kept is dropped whole, and so is what the service cannot read", async (t) => {
  const long = thought("rs_1", "x".repeat(300_000));
  const open = {
    type: "reasoning",
    id: "rs_2",
    summary: [],
    content: [{ type: "reasoning_text", text: "hm" }],
  } as InputItem;
  const server = await serve(t, { chat: [long, open].map((reasoning) => ({ text: "ok", reasoning })) });
  const model = chatOn(server.url, "gpt-6.1-terra", responses);
  for (const what of ["too long", "not encrypted"]) assert.equal((await model.send(ask())).reasoning, undefined, what);
});

const refusals: [what: string, status: number, body: unknown, forGood: boolean][] = [
  [
    "another key",
    400,
    errorBody("The encrypted content gAAA...DQ== could not be verified.", "invalid_encrypted_content"),
    false,
  ],
  ["words alone", 400, errorBody("The encrypted content for item rs_1 could not be verified.", null), false],
  [
    "a server that knows no such item",
    400,
    errorBody("Invalid value: 'reasoning'. Supported: 'message'.", "invalid_value", "input[1].type"),
    true,
  ],
  [
    "a missing item behind it",
    400,
    errorBody("Item 'rs_1' of type 'reasoning' was provided without its required following item.", null),
    true,
  ],
  [
    "a validation of Python",
    422,
    { detail: [{ loc: ["body", "input", 1, "type"], msg: "unexpected type: reasoning" }] },
    true,
  ],
];

for (const [what, status, body, forGood] of refusals) {
  test(`where it is refused (${what}) the request is sent again without it`, async (t) => {
    const faults = ({ responses: sent }: { responses?: { input: unknown } }): Fault | undefined =>
      JSON.stringify(sent?.input).includes("rs_1") ? { status, body } : undefined;
    const server = await serve(t, { chat: () => ({ text: "ok", reasoning: thought("rs_1") }), faults });
    const model = chatOn(server.url, "gpt-6.1-terra", responses);
    const messages = after(await model.send(ask()));
    const error = await failure(model.send(ask("", { messages })));
    assert.deepEqual([error.adapted, error.billed], [true, "nothing"], error.message);
    assert.equal((await model.send(ask("", { messages }))).text, "ok");
    assert.equal("include" in (server.requests.at(-1)?.responses ?? {}), !forGood);
    // A later one is sent again, unless it never will be taken.
    const again = await failure(model.send(ask("", { messages: after({ ...(await model.send(ask())) }) })));
    assert.equal(again.adapted, true);
    assert.equal((await model.send(ask())).text, "ok");
    assert.ok(!("include" in (server.requests.at(-1)?.responses ?? {})), "twice is enough");
  });
}

test("in the history it stands before its reply, unless the step does not fit with it", () => {
  const reasoning = { model: "m", tokens: 500, items: [asSent("rs_1")] };
  const step = {
    ...{ step: 1, text: reply("do_nothing"), reasoning, outcome: "ran" as const, command: null },
    result: { ok: true, text: "Nothing was done." },
  };
  const counter = createTokenCounter({ encoding: "o200k_base" });
  const shown = showStep(step, 24_000, counter);
  assert.deepEqual([shown.messages[0].reasoning, shown.isWhole], [reasoning, true]);
  assert.ok(shown.tokens > 500);
  const tight = showStep({ ...step }, 1_000, counter);
  assert.deepEqual([tight.messages[0].reasoning, tight.isWhole], [undefined, false]);
});

const tools = [
  { name: "docs__search", command: "docs.search", description: "Search", parameters: { type: "object" } },
] as const;
const calling = (id: string, args = '{"q":"x"}') => ({
  ...{ type: "function_call", id: `fc_${id}`, call_id: `call_${id}`, name: "docs__search", arguments: args },
});
const said = { type: "message", role: "assistant", content: [{ type: "output_text", text: "I look." }] };
const answering = (...output: object[]) => ({ body: { object: "response", status: "completed", output } });

test("what was thought before a call goes back with the call, and what came of it directly behind that", async (t) => {
  const server = await serve(t, {
    chat: [
      answering(thought("rs_1"), said, calling("1"), thought("rs_2"), calling("2")),
      "ok",
      "ok",
      ...[calling("3", "{half"), { ...calling("4"), call_id: null }, { ...calling("5"), type: "custom_tool_call" }].map(
        (call) => answering(thought("rs_3"), call),
      ),
      answering(thought("rs_4"), calling("6")),
    ],
  });
  const model = chatOn(server.url, "gpt-6.1-terra", responses);
  const answer = await model.send(ask("", { tools }));
  await model.send(ask("", { messages: after(answer), tools }));
  const whole = { type: "message", role: "assistant", content: "I look." };
  const output = { type: "function_call_output", call_id: "call_1", output: "And now?" };
  assert.deepEqual(server.requests[1]?.responses?.input.slice(1), [asSent("rs_1"), whole, calling("1"), output]);

  // To another model the reply is the text that it was read as.
  await chatOn(server.url, "gpt-6.1-sol", responses).send(ask("", { messages: after(answer), tools }));
  const [, plain] = server.requests[2]?.responses?.input as InputItem[];
  assert.deepEqual(plain, { type: "message", role: "assistant", content: answer.text });
  for (const what of ["half a call", "a call without an id", "a call of another kind"])
    assert.equal((await model.send(ask("", { tools }))).reasoning, undefined, what);
  assert.equal((await model.send(ask())).reasoning, undefined, "a call that nobody offered");
});

test("a service that does not take calls back is sent the replies as texts", async (t) => {
  for (const message of [
    "No tool output found for tool call call_1.",
    "Invalid value: 'function_call'. Supported values are: 'message'.",
  ]) {
    const faults = ({ responses: sent }: { responses?: { input: unknown } }): Fault | undefined =>
      JSON.stringify(sent?.input).includes("call_1") ? { status: 400, body: errorBody(message) } : undefined;
    const server = await serve(t, { chat: [answering(thought("rs_1"), calling("1")), "ok"], faults });
    const model = chatOn(server.url, "gpt-6.1-terra", responses);
    const messages = after(await model.send(ask("", { tools })));
    const error = await failure(model.send(ask("", { messages, tools })));
    assert.deepEqual([error.adapted, error.billed], [true, "nothing"], error.message);
    assert.equal((await model.send(ask("", { messages, tools }))).text, "ok");
    const roles = (server.requests.at(-1)?.responses?.input as InputItem[]).map(({ role }) => role);
    assert.deepEqual(roles, ["user", "assistant", "user"]);
  }
});
