import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../../src/reply/parse.js";
import { replyWith } from "./seed-replies.js";

const reads = (title: string, args: string, expected: unknown): void => {
  test(title, () => {
    const { command, problem } = parseReply(replyWith(args));
    assert.equal(problem, null);
    assert.deepEqual(command, { name: "write_to_file", args: expected });
  });
};
const refuses = (title: string, args: string, problem = /^[^\n]+$/): void => {
  test(title, () => {
    const answer = parseReply(replyWith(args));
    assert.equal(answer.command, null);
    assert.match(answer.problem ?? "", problem);
  });
};

reads("commas too many are dropped", '{"a": [1, 2,], "b": {"c": "d",},}', { a: [1, 2], b: { c: "d" } });
reads("missing commas are added", '{"a": "b" "c": [{"d": 1} {"e": 2}]\n"f": 1}', {
  a: "b",
  c: [{ d: 1 }, { e: 2 }],
  f: 1,
});
reads("raw line breaks and tabs in a text stay", '{"a": "one\n\ttwo\r\nthree"}', { a: "one\n\ttwo\r\nthree" });
reads("a backslash at the end of a line joins it with the next", '{"a": "one\\n\\\n  two\\\r\n"}', { a: "one\n  two" });
reads("texts joined with + are one", '{"a": "one" + "two"\n  + \'three\'}', { a: "onetwothree" });
reads("Python's quotes are read", `{'a': 'it\\'s', 'b': "it's", 'c': 'I'm "here"', 'd': '\\xa0\\\\'}`, {
  a: "it's",
  b: "it's",
  c: 'I\'m "here"',
  d: "\u00a0\\",
});
reads("Python's triple quotes are read", '{"a": """def f():\n    return "x"\n""", "b": 1}', {
  a: 'def f():\n    return "x"\n',
  b: 1,
});
reads("typographic quotes are read", '{“a”: “say "b" ’c”, ‘d’: ‘e’}', { a: 'say "b" ’c', d: "e" });
reads("quoted words inside a text are part of it", '{"a": "Say "hello", or "bye"!", "b": "echo "x y""}', {
  a: 'Say "hello", or "bye"!',
  b: 'echo "x y"',
});
reads("quoted words in Chinese are part of the text", '{"a": "他说"你好"然后走了"}', { a: '他说"你好"然后走了' });
reads("comments are left out, but not those inside texts", '{"a": "// b # c", // d\n "e": /* "f" */ 1, # g\n}', {
  a: "// b # c",
  e: 1,
});
reads("escapes copied from Python lose their backslashes", String.raw`{"a": "\'b\' \\\'c\\\' \\\\\\\'d\\\\\\\' \\"}`, {
  a: "'b' 'c' 'd' \\",
});
reads("an escaped backslash before a quote stays", String.raw`{"a": "\\'b\\'", "c": "\d"}`, { a: "\\'b\\'", c: "\\d" });
reads(
  "fences, braces, commas and slashes inside a broken reply's texts stay",
  '{"a": "```\\n{,}\\n``` // /* # ,] ,}", }',
  {
    a: "```\n{,}\n``` // /* # ,] ,}",
  },
);

refuses("an expression is a problem", '{"text": " - ".join(names)}', /expression/);
for (const expression of [
  '"a" + name + "b"',
  '"a" if b else "c"',
  'open("a").read()',
  'f"{a}"',
  "1 + 2",
  "`a ${b}`",
  '", ".join(a), "b": "c"',
]) {
  refuses(`${expression} is not guessed at`, `{"text": ${expression}}`);
}
refuses("a word without quotes is not guessed at", '{"text": content}', /not in quotes/);
refuses("a value that is missing is not invented", '{"file": , "text": "x"}');
refuses("JSON with bare quotes inside a text is a problem", '{"text": "{"a": "b"}"}');
refuses("a quote that is missing between two arguments is a problem", '{"file": "a.txt, "text": "b"}');
refuses("a path that escapes its closing quote is a problem", '{"file": "C:\\dir\\", "text": "b"}');
refuses("texts side by side are neither joined nor parted", '{"a": ["b" "c"]}');
refuses("numbers that JSON does not know are a problem", '{"n": 0x1f}');

const start = '{"thoughts": {"text": "t"}, "command": {"name": "write_to_file", "args": ';
const cutOff = /ends before its command is complete/;

test("a reply cut inside an argument is a problem", () => {
  for (const end of ['{"file": "a", "text": "ha', '{"file": "a"', '{"file": "a", ', '{"file": "a", "n": 12', "", "{"]) {
    const { command, problem } = parseReply(start + end);
    assert.equal(command, null, end);
    assert.match(problem ?? "", cutOff, end);
  }
});

test("a reply cut behind its command gives the command", () => {
  for (const end of [
    '{"file": "a"}',
    '{"file": "a"}}',
    '{"file": "a"}}, ',
    '{"file": "a"}}, "status": "wr',
    '{"file": "a"}}\n```',
  ]) {
    assert.deepEqual(parseReply(start + end).command?.args, { file: "a" }, end);
  }
  const thoughtsLast = '{"command": {"name": "a", "args": {"b": "c"}}, "thoughts": {"text": "one", "plan": "tw';
  assert.deepEqual(parseReply(thoughtsLast).command, { name: "a", args: { b: "c" } });
  assert.equal(parseReply(thoughtsLast).thoughts.text, "one");
});

test("a command without its arguments is not taken from a reply that was cut", () => {
  for (const reply of [
    '{"command": {"name": "a"}',
    '{"command": "a", "thou',
    '{"command": {"args": {}, "name": a',
    '{"thoughts": {"te',
  ]) {
    assert.match(parseReply(reply).problem ?? "", cutOff, reply);
  }
});

test("a command inside the arguments of a reply that was cut is not taken for the reply's", () => {
  for (const before of ["", "// note\n", "Here it is:\n"]) {
    const inner = '{"command": {"name": "delete_file", "args": {"file": "b"}}}';
    assert.equal(parseReply(`${before}${start}{"file": "a.json", "text": ${inner}`).command, null);
  }
});

test("a last text that lacks only its closing quote is read, one that may go on is not", () => {
  assert.deepEqual(parseReply(`${start}{"input": "some words\n}\n}\n}\n`).command?.args, { input: "some words" });
  for (const end of ['{"text": "if (a) {\n}\n}\n}', '{"text": "some words\n}\n}', '{"text": "some words,\n}\n}\n}']) {
    assert.equal(parseReply(start + end).command, null, end);
  }
});

test("broken thoughts do not hide a command that stands by itself", () => {
  const command = '"command": {"name": "google", "args": {"input": "x"}}';
  for (const thoughts of [
    '{"text": "a, "plan": "b"}',
    '{"text": a + b}',
    '{"text": "say "a": b"}',
    '{"text": ("a")}',
  ]) {
    assert.deepEqual(parseReply(`{"thoughts": ${thoughts}, ${command}}`).command, {
      name: "google",
      args: { input: "x" },
    });
    assert.equal(parseReply(`{"thoughts": ${thoughts}, ${command}, ${command}}`).command, null);
  }
});

test("a problem with the JSON says where", () => {
  const { problem } = parseReply('{\n  "command": {\n    "name": "a",\n    "args": {"b": c}\n  }\n}');
  assert.equal(problem, 'The reply is not valid JSON at line 4, column 19 ("c}\\n  }\\n}"): "c" is not in quotes.');
});
