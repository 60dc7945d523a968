import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../../src/reply/parse.js";

const command = (name: string): string => JSON.stringify({ command: { name, args: { file: "a.txt" } } });
const draft = `One way: ${command("delete_file")} - no, that loses data.`;
const final = command("read_file");

const marked: Record<string, (thinking: string) => string> = {
  think: (text) => `<think>${text}</think>`,
  "think behind prose": (text) => `Let me see.\n<think>${text}</think>\n`,
  "think with attributes": (text) => `<think lang="en">${text}</think>`,
  thinking: (text) => `<thinking>${text}</thinking>\n`,
  thought: (text) => `<thought>\n${text}\n</thought>`,
  reasoning: (text) => `<reasoning>${text}</reasoning>`,
  "seed:think": (text) => `<seed:think>${text}</seed:think>`,
  "closing mark alone": (text) => `${text}</think>`,
  "closing mark alone, then prose": (text) => `${text}\n</think>\n\nSo: `,
  "two of them": (text) => `<think>${text}</think> hm <think>${text}</think>`,
  Magistral: (text) => `[THINK]${text}[/THINK]`,
  Kimi: (text) => `◁think▷${text}◁/think▷`,
  "begin of thought": (text) => `<|begin_of_thought|>${text}<|end_of_thought|>`,
  Cohere: (text) => `<|START_THINKING|>${text}<|END_THINKING|>`,
  scratchpad: (text) => `<scratchpad>${text}</scratchpad>`,
  "Gemma 3": (text) => `<unused94>thought\n${text}<unused95>`,
  "Gemma 4": (text) => `<|channel>thought\n${text}<channel|>`,
  Granite: (text) => `Here is my thought process: ${text} Here is my response: `,
  Apriel: (text) => `Here are my reasoning steps:\n${text}\n[BEGIN FINAL RESPONSE]\n`,
  harmony: (text) => `<|channel|>analysis<|message|>${text}<|end|><|start|>assistant<|channel|>final<|message|>`,
  "harmony without its tokens": (text) => `analysis${text}assistantfinal`,
};

for (const [name, around] of Object.entries(marked)) {
  test(`what is only considered while thinking never runs, what is answered does (${name})`, () => {
    assert.equal(parseReply(`${around(draft)}Which file is meant?`).command, null);
    assert.equal(parseReply(`${around(draft)}${final}`).command?.name, "read_file");
    assert.equal(parseReply(around(draft)).command, null);
  });
}

test("thinking that never ends runs nothing", () => {
  for (const open of ["<think>", "Hm. <think>", "[THINK]", "◁think▷", "<|channel|>analysis<|message|>", "analysisWe "])
    assert.equal(parseReply(`${open}${draft}`).command, null, open);
});

test("marks inside an object are text of that object", () => {
  const args = { file: "page.html", text: "<think>not</think> a <|channel|> </think> {}" };
  const reply = JSON.stringify({ command: { name: "write_to_file", args } });
  for (const text of [reply, `Here it is:\n${reply}`, "```json\n" + reply + "\n```", `<think>x</think>${reply}`])
    assert.deepEqual(parseReply(text).command?.args, args, text);
});

test("a part of a command that is given twice is a problem, whichever comes last", () => {
  const twice = [
    '{"command":{"name":"read_file","name":"delete_file","args":{"file":"a"}}}',
    '{"command":{"name":"delete_file","NAME":"read_file","args":{"file":"a"}}}',
    '{"command":{"name":"delete_file","args":{"file":"a","file":"b"}}}',
    '{"command":{"name":"delete_file","args":{"file":"a","f\\u0069le":"b"}}}',
    '{"command":{"name":"delete_file","args":{"file":"a"},"args":{"file":"b"}}}',
    '{"command":{"name":"delete_file","args":{},"arguments":{"file":"b"}}}',
    '{"command":"delete_file","args":{"file":"a"},"args":{"file":"b"}}',
    '{"command":{"name":"write_to_file","args":{"file":"a","text":{"command":1,"command":2}}}}',
    '{"thoughts":{"text":"t"},"command":{"name":"a","args":{"list":[{"x":1,"x":2}]}}}',
    "{'command':{'name':'delete_file','args':{'file':'a','file':'b'}},}",
  ];
  for (const reply of twice) {
    for (const text of [reply, `Well:\n${reply}`]) {
      const { command: found, problem } = parseReply(text);
      assert.equal(found, null, text);
      assert.match(problem ?? "", /more than once/, text);
    }
  }
  const broken = `{"thoughts": {"text": "a "quoted" b}, "command": ${'{"name":"read_file","name":"delete_file","args":{"file":"a"}}'}}`;
  assert.equal(parseReply(broken).command, null);
});

test("what is repeated outside of the command does no harm", () => {
  const reply =
    '{"thoughts":{"text":"a","text":"b"},"command":{"name":"read_file","args":{"file":"name","name":"file"}}}';
  assert.equal(parseReply(reply).command?.name, "read_file");
});
