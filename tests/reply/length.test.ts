import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../../src/reply/parse.js";

const isLong = process.env["AUTOGPT_TEST_LONG"] === "1";

const units = [
  "{",
  "[",
  "}",
  "\\",
  '"',
  "'",
  "“",
  '{"',
  '{"a":',
  "[[{",
  "```",
  "/*",
  "{'a':'\"'} ",
  '{"a":1 "b":2} ',
  '"a" + ',
  '","',
  "\\'",
  "<think>",
  "</think>",
  "<tool_call>",
  '<tool_call>{"name":"a","arguments":{}}',
  "<function=a>",
  "<function=a></function>",
  "<function=a><parameter=b>",
  "<parameter=b></parameter>",
  "<tool_call>a<arg_key>b</arg_key><arg_value>",
  "[TOOL_CALLS]",
  "[TOOL_CALLS]a{}",
  "<|channel|>commentary to=a<|message|>{}",
  "<｜tool▁call▁begin｜>a{",
  "functools[ ",
];
const starts = ["", '{"thoughts": {"text": "', "{'command': {'name': ", '{"command": {"name": "x", "args": {"a": ['];

test("a long text of brackets, quotes, backslashes or objects is answered with a problem within seconds", (t) => {
  for (const start of starts) {
    for (const unit of units) {
      const length = isLong ? 1_000_000 : start === "" ? 100_000 : 50_000;
      const text = start + unit.repeat(length / unit.length);
      const began = process.cpuUsage();
      const { command, problem } = parseReply(text);
      assert.equal(command, null, `${start}${unit}`);
      assert.ok((problem ?? "").length < 300);
      const seconds = process.cpuUsage(began).user / 1e6;
      assert.ok(seconds < 10, `${start}${unit} took ${seconds} seconds`);
    }
  }
  t.diagnostic(`${starts.length * units.length} texts`);
});

test("nesting of 100,000 levels is a problem, closed or not", () => {
  const levels = 100_000;
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
    ["[{'a':", "}]"],
  ] as const) {
    const value = `${open.repeat(levels)}1${close.repeat(levels)}`;
    for (const reply of [value, value.slice(0, -1), `{"command": {"name": "x", "args": {"a": ${value}}}}`]) {
      assert.equal(parseReply(reply).command, null);
    }
  }
});

test("a megabyte of text comes through unchanged, raw or escaped", () => {
  const text = 'line "one"\t{two}\\three\n'.repeat(45_000);
  const valid = JSON.stringify({ command: { name: "write_to_file", args: { text } } });
  assert.equal(parseReply(valid).command?.args["text"], text);
  assert.equal(parseReply(`Here:\n${valid.replace(/}}}$/, ",}}}")}`).command?.args["text"], text);
});

test("a line without its closing quote may have 300,000 line breaks behind it", () => {
  const reply = `{"command": {"name": "write_to_file", "args": {"text": "a line${"\n".repeat(300_000)}}}}`;
  const began = process.cpuUsage();
  assert.equal(parseReply(reply).command?.args["text"], "a line");
  assert.ok(process.cpuUsage(began).user / 1e6 < 10);
});

test("a text of 20 megabytes comes through unchanged, alone and behind words", () => {
  const text = "a".repeat(20_000_000);
  const valid = JSON.stringify({ command: { name: "write_to_file", args: { text } } });
  assert.ok(parseReply(valid).command?.args["text"] === text);
  assert.ok(parseReply(`Here: ${valid}`).command?.args["text"] === text);
});

test("numbers and nesting have the same limits in a command whose thoughts cannot be read", () => {
  const reply = (value: string): string =>
    `{"thoughts": {"text": "a" b "c"}, "command": {"name": "x", "args": {"a": ${value}}}}`;
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  assert.deepEqual(parseReply(reply("1".repeat(400))).command?.name, "x");
  assert.equal(parseReply(reply("1".repeat(401))).command, null);
  assert.deepEqual(parseReply(reply(nested(97))).command?.name, "x");
  assert.equal(parseReply(reply(nested(98))).command, null);
});
