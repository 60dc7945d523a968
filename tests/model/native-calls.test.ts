import assert from "node:assert/strict";
import { test } from "node:test";
import { callsLeftOut, nativeReply, toolNames, type Tool } from "../../src/model/native-calls.js";
import { parseReply } from "../../src/reply/parse.js";
import { errorBody, type Fault } from "../support/services/fake-open-ai.js";
import { ask, chatOn, connect, failure, replySchema, serve } from "./compose.js";

const parameters = { type: "object", properties: { q: { type: "string" } }, required: ["q"] };
const tools: Tool[] = [
  { name: "read_file", command: "read_file", description: "Read file", parameters },
  { name: "docs__search", command: "docs.search", description: "Search", parameters },
];

test("names of tools are such as servers take, each another one, and short ones stay", () => {
  const long = "server.".padEnd(90, "x");
  const names = toolNames(["read_file", "docs.search", "docs__search", "a b", "a/b", long, `${long}y`, "größe"]);
  assert.deepEqual(names.slice(0, 5), ["read_file", "docs__search", "docs__search_2", "a_b", "a_b_2"]);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
});

test("a call is the reply that it stands for: the first of several, by its own name, with what was said as thoughts", () => {
  const read = (content: string, ...calls: [string, string][]) =>
    nativeReply({ content, calls: calls.map(([name, args]) => ({ name, args })) }, tools);
  const two = read("I look.", ["docs__search", '{"q":"x"}'], ["read_file", "{}"]);
  assert.deepEqual(parseReply(two).command, { name: "docs.search", args: { q: "x" } });
  assert.equal(parseReply(two).thoughts.text, "I look.");
  assert.equal(callsLeftOut(two), 1);
  const json = read('{"thoughts": {"text": "t", "plan": "p"}}', ["read_file", '{"q":"x"}']);
  assert.deepEqual([parseReply(json).thoughts.plan, callsLeftOut(json)], ["p", 0]);
  assert.equal(parseReply(read("", ["unknown", "{}"])).command?.name, "unknown");
  assert.deepEqual(parseReply(read("", ["read_file", ""])).command?.args, {});
  for (const cut of ['{"q": "half', "[1]", "no json"])
    assert.equal(parseReply(read("", ["read_file", cut])).command, null);
  for (const text of ["", "no", "{}", '"calls_left_out"', '{"calls_left_out": "many"}'])
    assert.equal(callsLeftOut(text), 0);
});

const call = (name: string, q: string) => ({ name, arguments: JSON.stringify({ q }) });
const answers = {
  chat: {
    choices: [
      {
        message: {
          content: "I look.",
          tool_calls: ["x", "y"].map((q, index) => ({
            index,
            id: q,
            type: "function",
            function: call("docs__search", q),
          })),
        },
        finish_reason: "tool_calls",
      },
    ],
  },
  responses: {
    object: "response",
    status: "completed",
    output: [
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "I look." }] },
      ...["x", "y"].map((q) => ({ type: "function_call", call_id: q, ...call("docs__search", q) })),
    ],
  },
};

for (const api of ["chat", "responses"] as const) {
  test(`commands are offered as tools by ${api} in place of a form, and a call of them is a command`, async (t) => {
    const server = await serve(t, { chat: () => ({ body: answers[api] }) });
    const model = chatOn(server.url, "local", { api });
    const { text } = await model.send(ask("x", { tools, replySchema }));
    assert.deepEqual(parseReply(text).command, { name: "docs.search", args: { q: "x" } });
    assert.equal(callsLeftOut(text), 1);
    const { body, responses } = server.requests[0] ?? {};
    assert.equal(body?.["response_format"], undefined);
    const own = { name: "docs__search", description: "Search", parameters, strict: false };
    const sent = ((responses ?? body)?.["tools"] as object[])[1];
    assert.deepEqual(sent, api === "chat" ? { type: "function", function: own } : { type: "function", ...own });
    // A call that nobody offered stays what it was.
    assert.equal(parseReply((await model.send(ask("x", { replySchema }))).text).command, null);
  });

  test(`a server that takes no tools (${api}) is asked for the form again, and remembered`, async (t) => {
    const words = [
      "local does not support tools",
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      "tools param requires --jinja flag",
    ];
    for (const message of words) {
      const fault: Fault = { status: 400, body: errorBody(message) };
      const server = await serve(t, { chat: () => "ok", faults: ({ body }) => (body?.["tools"] ? fault : undefined) });
      const connected = connect(server.url);
      const model = chatOn(server.url, "local", { api, server: connected });
      await model.send(ask("x", { replySchema }));
      assert.equal((await failure(model.send(ask("x", { tools, replySchema })))).adapted, true, message);
      assert.equal((await model.send(ask("x", { tools, replySchema }))).text, "ok");
      const { body } = server.requests.at(-1) ?? {};
      assert.deepEqual([body?.["tools"], body?.["response_format"] !== undefined], [undefined, true]);
    }
  });
}

test("a model that takes tools by Responses alone is asked there from then on", async (t) => {
  const message =
    "Function tools with reasoning_effort are not supported for gpt-6.1-terra in /v1/chat/completions. Please use /v1/responses instead.";
  const fault: Fault = { status: 400, body: errorBody(message, null, "reasoning_effort", "invalid_request_error") };
  const server = await serve(t, {
    chat: () => "ok",
    faults: ({ body, responses }) => (body?.["tools"] && !responses ? fault : undefined),
  });
  const model = chatOn(server.url, "gpt-6.1-terra", { api: "auto" });
  await model.send(ask());
  assert.match((await failure(model.send(ask("x", { tools })))).message, /Responses API/);
  await model.send(ask("x", { tools }));
  assert.deepEqual(
    server.requests.map(({ path }) => path.replace("/v1/", "")),
    ["chat/completions", "chat/completions", "responses"],
  );
});
