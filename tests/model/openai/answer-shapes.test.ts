import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { parseReply } from "../../../src/reply/parse.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { listenLocally } from "../../support/services/local-server.js";
import { ask, chatOn, failure, runOn } from "../compose.js";

const event = (body: unknown): string => `data: ${JSON.stringify(body)}\n\n`;
const piece = (delta: object, finish: string | null = null): string =>
  event({ choices: [{ index: 0, delta, finish_reason: finish }] });
const done = "data: [DONE]\n\n";

/** A server that gives these bodies in turn, the last one again and again; all under the content type of a stream. */
async function giving(t: TestContext, bodies: readonly string[], type = "text/event-stream") {
  const bodiesSent: string[] = [];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const body = bodies[Math.min(bodiesSent.length, bodies.length - 1)] ?? "";
      bodiesSent.push(body);
      response.writeHead(200, { "content-type": type });
      response.end(body);
    });
  });
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${port}/v1`, asked: () => bodiesSent.length };
}

const answerOf = async (t: TestContext, body: string) => chatOn((await giving(t, [body])).url).send(ask());
const whole = (message: object | null, finish: string | null = "stop"): string =>
  JSON.stringify({ choices: [{ index: 0, message, finish_reason: finish }] });

test("an event that brings no choices is passed over, and its usage is read", async (t) => {
  const usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };
  const odd = [{ type: "ping" }, { choices: null }, { choices: [] }, {}, { id: "x", choices: null, usage }];
  const body = [piece({ content: "a" }), ...odd.map(event), "data: ping\n\n", piece({ content: "b" }, "stop")].join("");
  for (const end of ["", done]) {
    const answer = await answerOf(t, body + end);
    assert.deepEqual([answer.text, answer.usage], ["ab", { promptTokens: 9, cachedTokens: 0, completionTokens: 9 }]);
  }
});

test("JSON under the content type of a stream is read as what it is", async (t) => {
  assert.equal((await answerOf(t, `\n  ${whole({ content: "x" })}`)).text, "x");
  const { url } = await giving(t, [JSON.stringify({ error: { message: "too few credits", code: 402 } })]);
  const error = await failure(chatOn(url).send(ask()));
  assert.deepEqual([error.kind, error.billed], ["spent-quota", "nothing"]);
  assert.match(error.message, /too few credits/);
});

const errors: [string, object, string][] = [
  ["an error", { error: { message: "no credit", code: 402 } }, "spent-quota"],
  ["an error without a code", { error: "the upstream is gone" }, "server-fault"],
  ["a flat error", { object: "error", message: "busy", type: "rate_limit_error" }, "rate-limit"],
  ["words and a code", { code: 401, message: "who are you?" }, "wrong-key"],
  ["an error beside empty choices", { error: { message: "m", code: 429 }, choices: [] }, "rate-limit"],
  [
    "an error within a choice",
    { choices: [{ error: { code: 502, message: "gone" }, finish_reason: "error" }] },
    "server-fault",
  ],
  [
    "a failure as the finish reason",
    { choices: [{ message: { content: "" }, finish_reason: "network_error" }] },
    "server-fault",
  ],
  ["too long a context", { error: { message: "the prompt is too long", code: 400 } }, "context-too-long"],
];
for (const [what, body, kind] of errors) {
  test(`${what} with status 200 is told as ${kind}, whole or in a stream`, async (t) => {
    for (const text of [JSON.stringify(body), event(body) + done, `event: error\n${event(body)}`]) {
      const error = await failure(chatOn((await giving(t, [text])).url).send(ask()));
      assert.equal(error.kind, kind, text);
      assert.equal(error.billed, kind === "server-fault" ? "reservation" : "nothing");
    }
  });
}

test("a plain text that is called an error is one", async (t) => {
  const error = await failure(chatOn((await giving(t, ["event: error\ndata: out of memory\n\n"])).url).send(ask()));
  assert.equal(error.kind, "server-fault");
  assert.match(error.message, /out of memory/);
});

test("an answer that was cut off is one by any vendor's word for it, and an empty word is none", async (t) => {
  for (const word of ["length", "MAX_TOKENS", "max_tokens", "model_length", "Length ", "max_output_tokens"]) {
    assert.equal((await answerOf(t, whole({ content: "x" }, word))).finishReason, "length", word);
    assert.equal((await answerOf(t, piece({ content: "x" }, word))).finishReason, "length", word);
  }
  for (const word of ["stop", "STOP", "end_turn", "eos"])
    assert.equal((await answerOf(t, whole({ content: "x" }, word))).finishReason, "stop", word);
  const { url, asked } = await giving(t, [
    piece({ content: "ha" }, ""),
    `${piece({ content: "half" }, "stop")}${done}`,
  ]);
  assert.equal((await runOn(url).chat.send(ask())).text, "half");
  assert.equal(asked(), 2);
});

test("an answer that a content filter withheld is no answer, and is paid by what the server reports", async (t) => {
  const usage = { prompt_tokens: 40, completion_tokens: 3 };
  for (const word of ["content_filter", "SAFETY", "PROHIBITED_CONTENT", "refusal"]) {
    const body = { choices: [{ message: { content: "the half" }, finish_reason: word }], usage };
    const error = await failure(chatOn((await giving(t, [JSON.stringify(body)])).url).send(ask()));
    assert.equal(error.kind, "filtered");
    assert.deepEqual(error.billed, { promptTokens: 40, cachedTokens: 0, completionTokens: 3 });
    assert.match(error.message, /content filter/);
  }
});

const command = reply("task_complete", { reason: "ok" });
test("a reply under reasoning alone is the answer; reasoning that is anything else never is", async (t) => {
  for (const name of ["reasoning_content", "reasoning", "thinking"]) {
    const streamed = piece({ [name]: command }) + piece({ content: "" }, "stop") + done;
    assert.equal((await answerOf(t, streamed)).text, command);
    assert.equal((await answerOf(t, whole({ [name]: command }))).text, command);
    assert.equal((await answerOf(t, whole({ [name]: `I could say ${command}` }))).text, "");
    assert.equal((await answerOf(t, whole({ [name]: command, content: "no" }))).text, "no");
    for (const end of ["length", "tool_calls", "abort_by_user", ""])
      assert.equal((await answerOf(t, whole({ [name]: command }, end))).text, "", end);
  }
  assert.equal(
    (await answerOf(t, piece({ reasoning: command }) + done)).text,
    "",
    "nothing says that the model ended it",
  );
  for (const draft of [`<think>${command}</think>`, `${command}\n${command}`, `[${command}]`, command.slice(0, -1)])
    assert.equal((await answerOf(t, whole({ reasoning: draft }))).text, "", draft);
  const parts = [{ type: "thinking", thinking: [{ type: "text", text: command }] }];
  assert.equal((await answerOf(t, whole({ content: parts }))).text, command);
});

test("an answer without the key content is an empty one, with the room that it lacked", async (t) => {
  const answer = await answerOf(t, whole({ role: "assistant", reasoning_content: "So long" }, "length"));
  assert.deepEqual([answer.text, answer.finishReason], ["", "length"]);
  assert.equal((await answerOf(t, whole({ role: "assistant" }, "stop"))).text, "");
});

const args = { directory: "sub" };
const text = JSON.stringify(args);
const call = (fields: object, own: object) => ({ tool_calls: [{ ...fields, type: "function", function: own }] });
const shapes: [string, string][] = [
  ["arguments that are an object", whole(call({ id: "c1" }, { name: "search_files", arguments: args }), "tool_calls")],
  [
    "a function call of the old form",
    whole({ content: null, function_call: { name: "search_files", arguments: text } }),
  ],
  ["parameters in place of arguments", whole(call({}, { name: "search_files", parameters: args }))],
  [
    "index null in every piece",
    piece(call({ index: null, id: "c1" }, { name: "search_files", arguments: text.slice(0, 5) })) +
      piece(call({ index: null }, { arguments: text.slice(5) }), "tool_calls"),
  ],
  [
    "its name in every piece",
    piece(call({ index: 0, id: "c1" }, { name: "search_files", arguments: text.slice(0, 5) })) +
      piece(call({ index: 0, id: "c1" }, { name: "search_files", arguments: text.slice(5) }), "tool_calls"),
  ],
  [
    "another id in every piece",
    piece(call({ index: 0, id: "c1" }, { name: "search_files", arguments: "" })) +
      piece(call({ index: 0, id: "c2" }, { arguments: text.slice(0, 5) })) +
      piece(call({ index: 0, id: "c3" }, { arguments: text.slice(5) }), "tool_calls"),
  ],
  [
    "a name in parts",
    piece(call({ index: 0, id: "c1" }, { name: "search_" })) +
      piece(call({ index: 0 }, { name: "files", arguments: text }), "tool_calls"),
  ],
  [
    "a function call of the old form in a stream",
    piece({ function_call: { name: "search_files", arguments: "" } }) +
      piece({ function_call: { arguments: text } }, "function_call"),
  ],
];
for (const [what, body] of shapes) {
  test(`a call with ${what} is the command that it is`, async (t) => {
    assert.deepEqual(parseReply((await answerOf(t, body)).text).command, { name: "search_files", args });
  });
}

test("two calls stay two, also where both have the same index or none, and run nothing", async (t) => {
  for (const index of [{ index: 0 }, { index: null }, {}]) {
    const calls = ["a", "b"].map((id) => call({ ...index, id }, { name: "search_files", arguments: text }));
    const { text: said } = await answerOf(t, calls.map((one) => piece(one)).join("") + piece({}, "tool_calls"));
    assert.equal((JSON.parse(said) as { command: unknown[] }).command.length, 2);
    assert.equal(parseReply(said).command, null);
  }
});

test("half a surrogate pair reaches nobody: it is U+FFFD in an answer and in every request", async (t) => {
  assert.equal((await answerOf(t, whole({ content: "foo\ud83d" }))).text, "foo\ufffd");
  const pair = piece({ content: "a\ud83d" }) + piece({ content: "\ude00" }, "stop");
  assert.equal((await answerOf(t, pair)).text, "a😀", "the halves of two pieces are a whole one");
});
