import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { parseReply } from "../../../src/reply/parse.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { fixtureRows } from "../../support/fixtures.js";
import { listenLocally } from "../../support/services/local-server.js";
import {
  eventsOf,
  eventText,
  responseOf,
  type WholeResponse,
} from "../../support/services/responses/fake-responses.js";
import { ask, chatOn, failure, runOn, serve } from "../compose.js";

/** A server that answers to the n-th request with the n-th body, the last one again and again. */
async function giving(t: TestContext, bodies: readonly string[], type = "text/event-stream") {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": type });
      response.end(bodies[Math.min(asked++, bodies.length - 1)]);
    });
  });
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${port}/v1`, asked: () => asked };
}

const on = (url: string, warn?: (text: string) => void) =>
  chatOn(url, "gpt-6.1-terra", { api: "responses", ...(warn && { warn }) });
const whole = (more: object = {}): WholeResponse => ({
  ...responseOf({ body: { model: "m", input: "" }, text: "hello", finish: "stop" }),
  ...more,
});
const stream = (events: readonly object[]): string => events.map(eventText).join("");
const message = (content: unknown, more: object = {}) => ({ type: "message", role: "assistant", content, ...more });
const spoken = (text: string, more: object = {}) => message([{ type: "output_text", text }], more);
const call = (name: string, args: unknown) => ({ type: "function_call", call_id: "c1", name, arguments: args });
const command = reply("search_files", { directory: "sub" });
const args = { directory: "sub" };

/** What servers answer that do not do all as the reference has it, and the text that it is. */
const shapes: [what: string, body: object, text: string][] = [
  ["all that the reference has", whole(), "hello"],
  ["output alone", { output: [spoken("hello")] }, "hello"],
  ["no output but output_text", { object: "response", output_text: "hello" }, "hello"],
  ["an empty output beside output_text", { output: [], output_text: "hello" }, "hello"],
  ["content that is a text", { output: [message("hello")] }, "hello"],
  ["parts that are texts", { output: [message(["hel", "lo"])] }, "hello"],
  ["parts called text", { output: [message([{ type: "text", text: "hello" }])] }, "hello"],
  ["a message without a type", { output: [{ role: "assistant", content: [{ text: "hello" }] }] }, "hello"],
  [
    "several parts",
    {
      output: [
        message([
          { type: "output_text", text: "hel" },
          { type: "output_text", text: "lo" },
        ]),
      ],
    },
    "hello",
  ],
  ["several messages", { output: [spoken("hel"), spoken("lo")] }, "hello"],
  ["reasoning before it", { output: [{ type: "reasoning", summary: [] }, spoken("hello")] }, "hello"],
  [
    "thinking among its parts",
    { output: [message([{ type: "reasoning_text", text: "hm" }, { text: "hello" }])] },
    "hello",
  ],
  [
    "commentary before the answer",
    { output: [spoken("I look.", { phase: "commentary" }), spoken("hello", { phase: "final_answer" })] },
    "hello",
  ],
  ["commentary alone", { output: [spoken("hello", { phase: "commentary" })] }, "hello"],
  ["items of kinds that nobody knows", { output: [{ type: "web_search_call" }, null, 7, spoken("hello")] }, "hello"],
  ["a status that nobody knows", { status: "fine", output: [spoken("hello")] }, "hello"],
  [
    "fields of wrong types",
    { id: 7, status: null, output: [spoken("hello")], usage: "much", incomplete_details: 3 },
    "hello",
  ],
  ["nothing in its output", { status: "completed", output: [] }, ""],
  ["reasoning alone", { output: [{ type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] }] }, ""],
  [
    "the reply as its reasoning",
    { output: [{ type: "reasoning", content: [{ type: "reasoning_text", text: command }] }] },
    command,
  ],
];

test("an answer is read whatever of the reference's fields are there", async (t) => {
  const { url } = await giving(
    t,
    shapes.map(([, body]) => JSON.stringify(body)),
    "application/json",
  );
  const model = on(url);
  for (const [what, , text] of shapes) assert.equal((await model.send(ask())).text, text, what);
});

const created = { type: "response.created", response: { id: "resp_1", status: "in_progress", output: [] } };
const delta = (text: unknown, more: object = {}) => ({
  type: "response.output_text.delta",
  output_index: 0,
  delta: text,
  ...more,
});
const done = (response: object = {}) => ({
  type: "response.completed",
  response: { status: "completed", ...response },
});
const streams: [what: string, events: readonly object[], text: string, after?: string][] = [
  ["all events of the reference", eventsOf(whole()), "hello"],
  ["pieces, and a last event without output", [created, delta("hel"), delta("lo"), done()], "hello"],
  ["pieces, and a last event with an empty output", [delta("hel"), delta("lo"), done({ output: [] })], "hello"],
  [
    "items, and a last event without output",
    [{ type: "response.output_item.done", output_index: 0, item: spoken("hello") }, done()],
    "hello",
  ],
  ["a last event with all, and nothing before", [done({ output: [spoken("hello")] })], "hello"],
  ["an answer in one piece", [{ object: "response", status: "completed", output: [spoken("hello")] }], "hello"],
  ["[DONE] behind the last event", eventsOf(whole()), "hello", "data: [DONE]\n\n"],
  ["[DONE] in its place", [delta("hello")], "hello", "data: [DONE]\n\n"],
  ["pieces without a place", [{ type: "response.output_text.delta", delta: "hello" }, done()], "hello"],
  [
    "events that nobody knows",
    [{ type: "keepalive" }, { type: "response.new_thing", x: 1 }, {}, delta("hello"), done()],
    "hello",
  ],
  ["pieces that are no texts", [delta(null), delta(7), delta("hello"), done()], "hello"],
  ["two items", [delta("a"), delta("b", { output_index: 1 }), done()], "ab"],
  [
    "a call in pieces",
    [
      { type: "response.output_item.added", output_index: 0, item: call("search_files", "") },
      { type: "response.function_call_arguments.delta", output_index: 0, delta: JSON.stringify(args) },
      { type: "response.output_item.done", output_index: 0, item: call("search_files", JSON.stringify(args)) },
      done(),
    ],
    JSON.stringify({ command: { name: "search_files", args: JSON.stringify(args) } }),
  ],
];

test("a stream is read whatever of the reference's events come", async (t) => {
  const { url } = await giving(
    t,
    streams.map(([, events, , after = ""]) => stream(events) + after),
  );
  const model = on(url);
  for (const [what, , text] of streams) assert.equal((await model.send(ask())).text, text, what);
});

test("a call is the command that it is, and several calls stay several", async (t) => {
  const calls: object[][] = [
    [call("search_files", JSON.stringify(args))],
    [call("search_files", args)],
    [{ type: "custom_tool_call", name: "search_files", input: JSON.stringify(args) }],
    [spoken("I look around."), call("search_files", JSON.stringify(args))],
  ];
  const two = [call("search_files", "{}"), call("read_file", "{}")];
  const { url } = await giving(
    t,
    [...calls, two].map((output) => JSON.stringify({ output })),
    "application/json",
  );
  const model = on(url);
  for (const output of calls) {
    const { text } = await model.send(ask());
    assert.deepEqual(parseReply(text).command, { name: "search_files", args }, JSON.stringify(output));
  }
  assert.equal(parseReply((await model.send(ask())).text).command, null);
});

test("a stream that ends before its answer is complete is asked for again, and so is no response at all", async (t) => {
  const half = stream(eventsOf(whole()).slice(0, -1));
  for (const body of [half, "", "<html>Log in</html>", "[]", '{"hello": 1}', `data: {"type": "resp`]) {
    const { url, asked } = await giving(t, [body, stream(eventsOf(whole()))]);
    const run = runOn(url, { api: "responses" });
    assert.equal((await run.chat.send(ask())).text, "hello", body);
    assert.equal(asked(), 2, body);
    assert.deepEqual(run.types(), ["model-requested", "model-retry", "model-requested", "model-replied"]);
  }
});

test("an answer that was cut off says so; one that a filter withheld is none", async (t) => {
  for (const details of [{ reason: "max_output_tokens" }, { reason: "max_tokens" }, null, {}]) {
    const body = { ...whole(), status: "incomplete", incomplete_details: details };
    const last = { type: "response.incomplete", response: body };
    for (const text of [JSON.stringify(body), stream([created, delta("hel"), last])]) {
      assert.equal((await on((await giving(t, [text])).url).send(ask())).finishReason, "length", text);
    }
  }
  const usage = { input_tokens: 40, output_tokens: 3, total_tokens: 43 };
  const filtered = { ...whole(), status: "incomplete", incomplete_details: { reason: "content_filter" }, usage };
  const error = await failure(on((await giving(t, [JSON.stringify(filtered)])).url).send(ask()));
  assert.equal(error.kind, "filtered");
  assert.deepEqual(error.billed, { promptTokens: 40, cachedTokens: 0, completionTokens: 3 });
});

test("a refusal is the text of the answer, and the person is told of it", async (t) => {
  const refused = message([{ type: "refusal", refusal: "I cannot help with that." }]);
  const pieces = [
    { type: "response.refusal.delta", delta: "I cannot help " },
    { type: "response.refusal.delta", delta: "with that." },
  ];
  const said: string[] = [];
  for (const body of [JSON.stringify({ output: [refused] }), stream([...pieces, done({ output: [refused] })])]) {
    const { text, finishReason } = await on((await giving(t, [body])).url, (line) => said.push(line)).send(ask());
    assert.deepEqual([text, finishReason], ["I cannot help with that.", "stop"]);
  }
  assert.deepEqual(said, Array(2).fill('gpt-6.1-terra refuses: "I cannot help with that."'));
});

const failures: [string, object, string][] = [
  ["a fault", { code: "server_error", message: "gone" }, "server-fault"],
  ["too many requests", { code: "rate_limit_exceeded", message: "slow down" }, "rate-limit"],
  ["a prompt that is not allowed", { code: "invalid_prompt", message: "no" }, "filtered"],
  ["too long a context", { code: "context_length_exceeded", message: "too long" }, "context-too-long"],
  ["no credit", { code: "insufficient_quota", message: "no credit" }, "spent-quota"],
];

test("a response that failed is told as what its error means, whole or in a stream", async (t) => {
  for (const [what, error, kind] of failures) {
    const failed = { ...whole(), status: "failed", error, output: [] };
    const bodies = [
      JSON.stringify(failed),
      stream([created, { type: "response.failed", response: failed }]),
      stream([{ type: "error", ...error, param: null, sequence_number: 1 }]),
      JSON.stringify({ error }),
    ];
    for (const body of bodies) {
      assert.equal((await failure(on((await giving(t, [body])).url).send(ask()))).kind, kind, `${what}: ${body}`);
    }
  }
  for (const status of ["failed", "cancelled"]) {
    for (const body of [
      JSON.stringify({ ...whole(), status }),
      stream([{ type: `response.${status}`, response: { status } }]),
    ])
      assert.equal((await failure(on((await giving(t, [body])).url).send(ask()))).kind, "server-fault", body);
  }
});

test("usage is read with what was cached and written, and estimated where it is missing or cannot be true", async (t) => {
  const details = { input_tokens_details: { cached_tokens: 30, cache_write_tokens: 5 } };
  const usages: [unknown, object][] = [
    [
      {
        input_tokens: 40,
        output_tokens: 30,
        total_tokens: 70,
        ...details,
        output_tokens_details: { reasoning_tokens: 20 },
      },
      { promptTokens: 40, cachedTokens: 30, completionTokens: 30, cacheWriteTokens: 5 },
    ],
    [
      { input_tokens: 40, output_tokens: 3 },
      { promptTokens: 40, cachedTokens: 0, completionTokens: 3 },
    ],
    [
      { input_tokens: 40, output_tokens: 3, output_tokens_details: { reasoning_tokens: 20 } },
      { promptTokens: 40, cachedTokens: 0, completionTokens: 23, estimated: true },
    ],
  ];
  for (const [usage, read] of usages) {
    const { url } = await giving(t, [stream([...eventsOf(whole()).slice(0, -1), done({ ...whole(), usage })])]);
    assert.deepEqual((await on(url).send(ask())).usage, read);
  }
  for (const usage of [
    null,
    undefined,
    "much",
    { input_tokens: -1, output_tokens: "3" },
    { input_tokens: 0, output_tokens: 0 },
  ]) {
    const { url } = await giving(t, [JSON.stringify(whole({ usage }))], "application/json");
    const read = (await on(url).send(ask())).usage;
    assert.ok(read.estimated && read.promptTokens > 0 && read.completionTokens > 0, JSON.stringify(usage));
  }
});

type Row = { status: number; headers: Record<string, string>; body: string };

test("each refusal of a server is told as Chat Completions would tell it", async (t) => {
  const rows = [...fixtureRows<Row>("api-errors.jsonl"), ...fixtureRows<Row>("server-answers.jsonl")];
  const told = async (api: "chat" | "responses") => {
    const server = await serve(t, { faults: { ...rows } });
    const all: unknown[] = [];
    for (const { status } of rows) {
      const error = await failure(chatOn(server.url, "gpt-6.1-terra", { api }).send(ask()));
      all.push([status, error.kind, error.retryAfterMs, error.loading, error.billed, error.adapted]);
    }
    return all;
  };
  const [chat, responses] = [await told("chat"), await told("responses")];
  const different = rows.filter((_, index) => JSON.stringify(chat[index]) !== JSON.stringify(responses[index]));
  // These are about a parameter that Responses does not have.
  assert.deepEqual(
    different.filter(({ body }) => !/max_tokens|max_completion_tokens|stream_options/.test(body)),
    [],
  );
  assert.ok(rows.length > 100 && different.length < 20, `${different.length} of ${rows.length}`);
});

test("thinking that comes in the open is heard while it comes, and is no part of the answer", async (t) => {
  const delta = (type: string, text: string) => ({ type: `response.${type}.delta`, output_index: 0, delta: text });
  const thinking = ["reasoning_text", "reasoning_summary_text"].map((type, index) => delta(type, `${index} hm. `));
  const ended = { type: "response.completed", response: whole() };
  const server = await giving(t, [stream([...thinking, delta("output_text", "hello"), ended])]);
  const heard: string[] = [];
  const onText = (piece: string | null): void => void heard.push(piece ?? "begins");
  const { text } = await on(server.url).send(ask("x", { onText, onThinking: (piece) => heard.push(`(${piece})`) }));
  assert.equal(text, "hello");
  assert.deepEqual(heard, ["begins", "(0 hm. )", "(1 hm. )", "hello"]);
});
