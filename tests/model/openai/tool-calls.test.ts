import assert from "node:assert/strict";
import { test } from "node:test";
import { allCommands } from "../../../src/commands/index.js";
import { replySchema } from "../../../src/prompt/reply-schema.js";
import { createStreamedAnswer } from "../../../src/model/openai/streamed-answer.js";
import { parseReply } from "../../../src/reply/parse.js";
import { answerText } from "../../../src/model/openai/answers.js";
import { ask, chatOn, serve } from "../compose.js";

const call = { name: "read_file", args: { file: "a.txt" } };
const written = { name: "read_file", args: '{"file": "a.txt"}' };

test("one tool call is a command, with or without words beside it", () => {
  assert.deepEqual(parseReply(answerText("", [written])).command, call);
  const spoken = parseReply(answerText("I read it first.", [written]));
  assert.deepEqual([spoken.command, spoken.thoughts.text], [call, "I read it first."]);
  const both = JSON.stringify({ thoughts: { text: "t" }, command: call });
  assert.deepEqual(parseReply(answerText(both, [written])).command, call);
});

test("tool calls that are half there, several, or contradict the text run nothing", () => {
  for (const args of ['{"file": "a.t', "", "[1]", '"text"', "{"]) {
    const { command } = parseReply(answerText("", [{ name: "read_file", args }]));
    assert.ok(command === null || (args === "" && Object.keys(command.args).length === 0), args);
  }
  assert.equal(parseReply(answerText("", [written, { name: "delete_file", args: '{"file": "a.txt"}' }])).command, null);
  const other = JSON.stringify({ command: { name: "delete_file", args: { file: "a.txt" } } });
  assert.equal(parseReply(answerText(other, [written])).command, null);
  assert.equal(answerText("plain", [{ name: "", args: "" }]), "plain");
});

test("<tool_call> text is a command where it stands by itself, and nothing where it is cut", () => {
  const tagged = (inner: string): string => `Let me see.\n<tool_call>\n${inner}\n</tool_call>`;
  assert.deepEqual(parseReply(tagged('{"name": "read_file", "arguments": {"file": "a.txt"}}')).command, call);
  assert.deepEqual(
    parseReply(
      `<think>no {"name": 1}</think>\n${tagged('{"name": "read_file", "arguments": "{\\"file\\": \\"a.txt\\"}"}')}`,
    ).command,
    call,
  );
  const whole = '<tool_call>{"name": "read_file", "arguments": {"file": "a.txt"}}';
  for (let length = 1; length < whole.length; length += 1)
    assert.equal(parseReply(whole.slice(0, length)).command, null);
  assert.equal(parseReply(tagged('{"name": "read_file", "arguments": {}, "more": 1}')).command, null);
});

test("a model that answers with tool calls, as a whole and in a stream, is understood", async (t) => {
  const message = {
    content: null,
    tool_calls: [{ id: "1", type: "function", function: { name: "read_file", arguments: '{"file": "a.txt"}' } }],
  };
  const server = await serve(t, { chat: [{ body: { choices: [{ message, finish_reason: "tool_calls" }] } }] });
  const { text, finishReason } = await chatOn(server.url).send(ask());
  assert.deepEqual([parseReply(text).command, finishReason], [call, "other"]);
});

test("content in parts is one text, and a refusal is the answer", async (t) => {
  const parts = {
    content: [
      { type: "thinking", thinking: "x" },
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ],
  };
  const bodies = [parts, { content: null, refusal: "I will not." }].map((message) => ({
    body: { choices: [{ message, finish_reason: "stop" }] },
  }));
  const server = await serve(t, { chat: bodies });
  const said: string[] = [];
  const model = chatOn(server.url, "gpt-6.1-terra", { warn: (line) => said.push(line) });
  assert.equal((await model.send(ask())).text, "ab");
  assert.deepEqual(said, []);
  assert.equal((await model.send(ask())).text, "I will not.");
  assert.deepEqual(said, ['gpt-6.1-terra refuses: "I will not."'], "the person is told of it");
  const streamed = createStreamedAnswer();
  for (const refusal of ["I will ", "not."]) streamed.take(JSON.stringify({ choices: [{ delta: { refusal } }] }));
  streamed.take("[DONE]");
  assert.equal(streamed.completion()?.refusal, "I will not.");
});

test("the schema has one branch for each listed command, strict, and its arguments in order", () => {
  const { strict, schema } = replySchema(allCommands);
  assert.equal(strict, true);
  type Branch = {
    properties: {
      name: { enum: string[] };
      args: { properties: object; required: string[]; additionalProperties: boolean };
    };
  };
  const { anyOf } = (schema["properties"] as { command: { anyOf: Branch[] } }).command;
  const listed = allCommands.filter(({ hidden }) => !hidden);
  assert.deepEqual(
    anyOf.map(({ properties }) => properties.name.enum[0]),
    listed.map(({ name }) => name),
  );
  const write = anyOf.find(({ properties }) => properties.name.enum[0] === "write_to_file");
  assert.deepEqual(
    [Object.keys(write?.properties.args.properties ?? {}), write?.properties.args.required],
    [
      ["file", "text"],
      ["file", "text"],
    ],
  );
  assert.equal(write?.properties.args.additionalProperties, false);
});
