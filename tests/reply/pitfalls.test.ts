import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../../src/reply/parse.js";
import { replyWith } from "./seed-replies.js";

const argsOf = (reply: string): unknown => {
  const { command, problem } = parseReply(reply);
  assert.equal(problem, null);
  return command?.args;
};

test("pitfall 22: a reply that cannot be read names no command, so none of an earlier one can be run", () => {
  assert.deepEqual(parseReply(replyWith('{"file": "a.txt"}')).command?.args, { file: "a.txt" });
  for (const reply of ["", "Sorry, I cannot do that.", "{", '{"thoughts": {"text": "hm"}}', replyWith('{"file": ')]) {
    const { command, problem } = parseReply(reply);
    assert.equal(command, null);
    assert.match(problem ?? "", /^[^\n]+$/);
  }
});

test("pitfall 23: a control word is a command's name like any other", () => {
  for (const name of ["human_feedback", "error: x"]) {
    assert.deepEqual(parseReply(replyWith('{"text": "y"}', name)).command, { name, args: { text: "y" } });
  }
});

test("pitfall 34: keys without quotes are read, and what looks like a key inside a text stays as it is", () => {
  const url = "see https://example.com:80/a and note: this";
  const reply = `{command: {name: "google", args: {input: "${url}"}}, thoughts: {text: "${url}"}}`;
  assert.deepEqual(argsOf(reply), { input: url });
  assert.equal(parseReply(reply).thoughts.text, url);
});

test("pitfall 35: tabs are kept byte for byte, escaped, raw and in broken replies", () => {
  const makefile = "all:\n\tgo build\t./...\n\n\t\techo done\n";
  const args = { file: "Makefile", text: makefile };
  assert.deepEqual(argsOf(replyWith(JSON.stringify(args))), args);
  assert.deepEqual(argsOf(replyWith(`{"file": "Makefile", "text": "${makefile}"}`)), args);
  assert.deepEqual(argsOf(`Here:\n\`\`\`\n${replyWith(JSON.stringify(args).replace("}", ",}"))}\n\`\`\``), args);
});

test("pitfall 36: closing braces too many are dropped, those inside texts count for nothing", () => {
  const args = { file: "a.js", text: 'if (a) { b["}}"] = "{"; }}}' };
  const reply = replyWith(JSON.stringify(args));
  assert.deepEqual(argsOf(`${reply}}}`), args);
  assert.deepEqual(argsOf(`${reply}\n}\n`), args);
});

test("pitfall 36: a brace that ends the arguments too early is a problem, not a command with fewer arguments", () => {
  for (const reply of [
    replyWith('{"file": "a.txt"}, "text": "b"}'),
    replyWith('{}"file": "a.txt", "text": "b"}'),
    `{"command": {"name": "write_to_file", "args": {"file": "a.txt"}}, "text": "b"}}}`,
  ]) {
    assert.match(parseReply(reply).problem ?? "", /bracket/);
  }
});

test("pitfall 37: an invalid escape keeps its backslash, a valid one is what JSON says", () => {
  const reply = replyWith(String.raw`{"file": "C:\Users\me\docs", "text": "\d+\.\w \u12 x\n\ty"}`);
  assert.deepEqual(argsOf(reply), { file: String.raw`C:\Users\me\docs`, text: "\\d+\\.\\w \\u12 x\n\ty" });
});

test("pitfall 38: a valid reply is taken as it stands, whatever its texts hold", () => {
  const text = "{ [ }} ```json\n{'a': True,} // x /* y */ “z” <think> \\' \u0000 \ud83d 😀";
  assert.deepEqual(argsOf(replyWith(JSON.stringify({ text }))), { text });
});

test("pitfall 39: garbage gives one clean line", () => {
  for (const reply of ["}{", "{{{", "[[", "\\", '"', "```", "{'", '{"a":', "<think>", "\u0000", "{}", "  \n"]) {
    const { command, problem } = parseReply(reply);
    assert.equal(command, null, reply);
    assert.match(problem ?? "", /^The reply [^\n]+\.$/, reply);
  }
});

test("pitfall 40: a list, a text, a number or null is no reply", () => {
  assert.match(parseReply("[1,2]").problem ?? "", /a list/);
  assert.match(parseReply('"command"').problem ?? "", /a string/);
  assert.match(parseReply("12").problem ?? "", /a number/);
  assert.match(parseReply("null").problem ?? "", /null/);
  assert.match(parseReply(`[${replyWith("{}")}]`).problem ?? "", /a list/);
  assert.match(parseReply(`\`\`\`json\n[${replyWith("{}")}]\n\`\`\``).problem ?? "", /a list/);
});

test("pitfall 41: an echo of the response format names no command", () => {
  const echo = `{"thoughts": {"text": "thought"}, "command": {"name": "command name", "args": {"arg name": "value"}}}`;
  assert.match(parseReply(echo).problem ?? "", /repeats the response format/);
  assert.match(parseReply(replyWith('{"arg name": "value"}')).problem ?? "", /repeats the response format/);
  assert.equal(parseReply(replyWith("{}", "Command Name")).command, null);
});

test("pitfall 42: a reply whose shape is wrong is a problem, not a command", () => {
  for (const command of [
    "5",
    "true",
    "{}",
    '{"name": 5}',
    '{"name": {"a": 1}}',
    '{"name": "x", "args": 5}',
    '{"args": {}}',
  ]) {
    assert.match(parseReply(`{"thoughts": {}, "command": ${command}}`).problem ?? "", /^[^\n]+$/, command);
  }
});

test("pitfall 43: true, false and null of JSON and Python are read, in a fence with its language too", () => {
  assert.deepEqual(argsOf(`\`\`\`json\n${replyWith('{"a": true, "b": [false, null]}')}\n\`\`\``), {
    a: true,
    b: [false, null],
  });
  const python = `{'command': {'name': 'x', 'args': {'a': True, 'b': [False, None], 'true': 'True'}}}`;
  assert.deepEqual(argsOf(python), { a: true, b: [false, null], true: "True" });
});

test("pitfall 44: a repair that leads nowhere gives a problem and the thoughts that could be read", () => {
  const reply = replyWith('{"file": "o.txt", "text": " - ".join(names)}');
  const { command, problem, thoughts } = parseReply(reply);
  assert.equal(command, null);
  assert.match(problem ?? "", /line 1, column \d+/);
  assert.equal(thoughts.text, "I write");
});
