import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../../src/reply/parse.js";
import { replyWith } from "./seed-replies.js";

const call = { name: "google", args: { input: "x" } };
const same = (title: string, reply: string, expected: unknown = call): void => {
  test(title, () => {
    const { command, problem } = parseReply(reply);
    assert.equal(problem, null);
    assert.deepEqual(command, expected);
  });
};
const refuses = (title: string, reply: string, problem: RegExp): void => {
  test(title, () => {
    const answer = parseReply(reply);
    assert.equal(answer.command, null);
    assert.match(answer.problem ?? "", problem);
  });
};

same("keys may be capitalised", '{"Thoughts": {}, "Command": {"Name": "google", "Args": {"input": "x"}}}');
same("arguments may be called so", '{"command": {"name": "google", "arguments": {"input": "x"}}}');
same("arguments may stand beside the name", '{"command": {"name": "google", "input": "x"}}');
same("the command may be its name, with the arguments beside it", '{"command": "google", "args": {"input": "x"}}');
same("arguments may stand beside a command that has none", '{"command": {"name": "google"}, "args": {"input": "x"}}');
same("arguments may be the text of an object", replyWith('"{\\"input\\": \\"x\\"}"', "google"));
for (const nothing of ['""', '"  "', "null", "[]", "{}"]) {
  same(`arguments that are ${nothing} are none`, replyWith(nothing, "list_agents"), { name: "list_agents", args: {} });
}
same("arguments may be missing", '{"command": {"name": "do_nothing"}}', { name: "do_nothing", args: {} });
same("a name and arguments are given as they were written", replyWith('{"N": 5, "n": "5"}', " Google "), {
  name: " Google ",
  args: { N: 5, n: "5" },
});
same(
  "the same reply given twice counts once",
  `${replyWith('{"input": "x"}', "google")}\n${replyWith('{"input": "x"}', "google")}`,
);
same(
  "thoughts and command may be two objects",
  '{"thoughts": {}}\n{"command": {"name": "google", "args": {"input": "x"}}}',
);
same("a byte order mark is no part of a reply", `\ufeff${replyWith('{"input": "x"}', "google")}`);
same(
  "thinking before the reply is left out",
  `<think>\n${replyWith("{}", "delete_file")}</think>\n${replyWith('{"input": "x"}', "google")}`,
);
same("thinking may have lost its first tag", `Hm {so}?\n</think>\n\n${replyWith('{"input": "x"}', "google")}`);
same(
  "braces in the prose around are no reply",
  `Use {name} or {"a": 1}:\n${replyWith('{"input": "x"}', "google")}\nBye {you}.`,
);

refuses("prose is a problem", "I will now search the web for it.", /no JSON object/);
refuses("a command that is null is a problem", '{"thoughts": {}, "command": null}', /names no command/);
refuses("a missing command is a problem", '{"thoughts": {"text": "a"}}', /names no command/);
refuses("a list of commands is a problem", '{"command": [{"name": "google", "args": {}}]}', /is a list/);
refuses("several different commands are a problem", replyWith('{"a": 1}') + replyWith('{"a": 2}'), /several different/);
refuses(
  "a command given twice in one object is a problem",
  '{"command": {"name": "a", "args": {}}, "command": {"name": "b", "args": {}}}',
  /more than once/,
);
for (const name of ["", " ", "none", "None", " NULL "]) {
  refuses(`the name ${JSON.stringify(name)} is no command`, replyWith("{}", name), /name is empty/);
}
refuses("arguments that are prose are a problem", replyWith('"the file"'), /not an object/);
refuses("arguments that are a list are a problem", replyWith('["a"]'), /not an object/);
refuses("thinking alone is a problem", `<think>${replyWith("{}")}`, /only thinking/);
refuses("deep nesting is a problem, in JSON", replyWith(`{"a": ${"[".repeat(200)}${"]".repeat(200)}}`), /too deeply/);
refuses(
  "deep nesting is a problem, in what is repaired",
  replyWith(`{'a': ${"[".repeat(200)}${"]".repeat(200)}}`),
  /nested/,
);

test("arguments named like an object's own members touch nothing but the arguments", () => {
  for (const quote of ['"', "'"]) {
    const args = '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "toString": "x"}';
    const { command } = parseReply(replyWith(args.replaceAll('"', quote)));
    assert.deepEqual(Object.keys(command?.args ?? {}), ["__proto__", "constructor", "toString"]);
    assert.equal(Object.getPrototypeOf(command?.args), Object.prototype);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  }
  const beside = parseReply('{"command": {"name": "x", "__proto__": {"polluted": true}}}').command;
  assert.equal(Object.getPrototypeOf(beside?.args), Object.prototype);
  assert.equal((beside?.args as { polluted?: unknown }).polluted, undefined);
});

test("a member inherited by every object is no command", () => {
  assert.equal(parseReply('{"__proto__": {"command": {"name": "x", "args": {}}}}').command, null);
});

test("thoughts are texts: lists become lines, objects JSON, nothing is empty", () => {
  const thoughts = '{"Text": "a", "reasoning": {"b": 1}, "plan": ["one", "- two"], "criticism": null}';
  assert.deepEqual(parseReply(`{"thought": ${thoughts}, "command": {"name": "x", "args": {}}}`).thoughts, {
    text: "a",
    reasoning: '{"b":1}',
    plan: "- one\n- two",
    criticism: "",
    speak: "",
  });
});

test("thoughts that are one text are its text, and are given with a problem too", () => {
  assert.equal(parseReply('{"thoughts": "hm", "command": null}').thoughts.text, "hm");
});
