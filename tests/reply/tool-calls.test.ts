import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReply } from "../../src/reply/parse.js";

const text = 'He said "hi"\n\n\t<b>{x}</b> & </think> <think>y</think> \\n\n';
const args = { file: "a b.txt", text };
const call = { name: "write_to_file", args };
const json = JSON.stringify(args);
const named = JSON.stringify({ name: "write_to_file", arguments: args });
const tagged = (open: string, close: string, frame = ""): string =>
  Object.entries(args)
    .map(([key, value]) => `${open.replace("KEY", key)}${frame}${value}${frame}${close}`)
    .join("\n");

/** The call of `write_to_file` as each family of models writes it. */
const forms: Record<string, string> = {
  "Hermes and Qwen": `<tool_call>\n${named}\n</tool_call>`,
  "Hermes, its arguments as a text": `<tool_call>${JSON.stringify({ name: "write_to_file", arguments: json })}</tool_call>`,
  "Qwen3-Coder": `<tool_call>\n<function=write_to_file>\n${tagged("<parameter=KEY>", "</parameter>", "\n")}\n</function>\n</tool_call>`,
  Seed: `<seed:tool_call>\n<function=write_to_file>\n${tagged("<parameter=KEY>", "</parameter>")}\n</function>\n</seed:tool_call>`,
  MiniMax: `<minimax:tool_call>\n<invoke name="write_to_file">\n${tagged('<parameter name="KEY">', "</parameter>")}\n</invoke>\n</minimax:tool_call>`,
  "DeepSeek V3": `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>write_to_file\n\`\`\`json\n${json}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>`,
  "DeepSeek V3.1": `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>write_to_file<｜tool▁sep｜>${json}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  "DeepSeek V3.2": `<｜DSML｜function_calls>\n<｜DSML｜invoke name="write_to_file">\n${tagged('<｜DSML｜parameter name="KEY" string="true">', "</｜DSML｜parameter>")}\n</｜DSML｜invoke>\n</｜DSML｜function_calls>`,
  "DeepSeek V3.2, with an object": `<｜DSML｜function_calls>\n<｜DSML｜invoke name="write_to_file">\n${json}\n</｜DSML｜invoke>\n</｜DSML｜function_calls>`,
  GLM: `<tool_call>write_to_file\n${Object.entries(args)
    .map(([key, value]) => `<arg_key>${key}</arg_key>\n<arg_value>${value}</arg_value>`)
    .join("\n")}\n</tool_call>`,
  Kimi: `<|tool_calls_section_begin|><|tool_call_begin|>functions.write_to_file:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
  Mistral: `[TOOL_CALLS] [${named}]`,
  "Mistral, newer": `[TOOL_CALLS]write_to_file${json}`,
  "Mistral, newest": `[TOOL_CALLS]write_to_file[CALL_ID]a1B2c3D4e[ARGS]${json}`,
  Llama: `<|python_tag|>${JSON.stringify({ name: "write_to_file", parameters: args })}`,
  "Llama, between tags": `<function=write_to_file>${json}</function>`,
  "Llama, without a mark": JSON.stringify({ name: "write_to_file", parameters: args }),
  Granite: `<|tool_call|>[${named}]`,
  Hunyuan: `<tool_calls>[\n${named}\n]</tool_calls>`,
  Cohere: `<|START_ACTION|>[\n{"tool_call_id": "0", "tool_name": "write_to_file", "parameters": ${json}}\n]<|END_ACTION|>`,
  Phi: `functools[${named}]`,
  harmony: `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.write_to_file <|constrain|>json<|message|>${json}<|call|>`,
  "harmony, recipient first": `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant to=functions.write_to_file<|channel|>commentary json<|message|>${json}<|call|>`,
};

for (const [family, reply] of Object.entries(forms)) {
  test(`a call as ${family} writes it is understood to the letter, also behind thinking and prose`, () => {
    const before =
      family.startsWith("harmony") || family.endsWith("without a mark")
        ? [""]
        : ["", "I write it.\n", "<think>Shall I?</think>\n", "Hm\n</think>\n"];
    for (const prose of before) {
      const { command, problem } = parseReply(prose + reply);
      assert.equal(problem, null, prose);
      assert.deepEqual(command, call, prose);
    }
  });

  test(`a call as ${family} writes it runs nothing within thinking, cut off, or beside another one`, () => {
    const command = (name: string): string => JSON.stringify({ command: { name, args: {} } });
    if (!family.startsWith("harmony")) {
      const short = reply.replace(/ ?<\/?think>/g, "");
      assert.equal(parseReply(`<think>Perhaps ${short}`).command, null);
      assert.equal(parseReply(`<think>Perhaps ${reply.replace(/<\/?think>/g, "")}</think> Which file?`).command, null);
      assert.equal(
        parseReply(`<think>${reply.replace(/<\/?think>/g, "")}</think>${command("do_nothing")}`).command?.name,
        "do_nothing",
      );
    }
    if (!family.startsWith("harmony") && !family.endsWith("without a mark"))
      assert.equal(parseReply(`${reply}\n${command("do_nothing")}`).command, null);
    const twice = reply.replaceAll("a b.txt", "b.txt");
    if (!family.startsWith("harmony") && !family.endsWith("without a mark")) {
      assert.match(parseReply(`${reply}\n${twice}`).problem ?? "", /several different|too early|fit each other/);
      assert.deepEqual(parseReply(`${reply}\n${reply}`).command, call);
    }
    for (let length = 1; length < reply.length; length++) {
      const { command: found } = parseReply(reply.slice(0, length));
      if (found !== null) assert.deepEqual(found, call, reply.slice(0, length));
    }
  });
}

test("a call without arguments has none", () => {
  for (const reply of [
    "<tool_call>list_agents\n</tool_call>",
    "<tool_call>\n<function=list_agents>\n</function>\n</tool_call>",
    '<tool_call>{"name": "list_agents"}</tool_call>',
    "[TOOL_CALLS]list_agents{}",
  ])
    assert.deepEqual(parseReply(reply).command, { name: "list_agents", args: {} }, reply);
});

test("thoughts in an object beside a call are its thoughts, and our own format may stand within the marks", () => {
  const both = parseReply(`{"thoughts": {"text": "t"}}\n${forms["GLM"]}`);
  assert.deepEqual(both.command, call);
  assert.deepEqual(
    parseReply(`<tool_call>{"thoughts": {}, "command": ${JSON.stringify(call)}}</tool_call>`).command,
    call,
  );
});

test("what could mean two things is a problem, and nothing runs", () => {
  const parameter = (value: string): string =>
    `<function=write_to_file><parameter=text>${value}</parameter></function>`;
  const replies: Record<string, RegExp> = {
    '<tool_call>{"name": "a", "arguments": {"x": 1}, "parameters": {"x": 2}}</tool_call>': /one name and one object/,
    '<tool_call>{"name": "a", "name": "b", "arguments": {}}</tool_call>': /more than once|one name/,
    '<tool_call>{"name": "a", "arguments": {"x": 1, "x": 2}}</tool_call>': /more than once/,
    '<tool_call>{"name": "a", "arguments": "{\\"x\\": 1, \\"x\\": 2}"}</tool_call>': /more than once/,
    '<tool_call>{"name": "a", "arguments": {"x": 1}, "text": "b"}</tool_call>': /nothing else/,
    '<tool_call>{"name": "a", "arguments": {"x": 1}}, "text": "b"}</tool_call>': /too early/,
    '[TOOL_CALLS]a{"x": 1, "x": 2}': /more than once/,
    '[TOOL_CALLS]a{"x": 1}, "y": 2}': /too early/,
    '[TOOL_CALLS][{"name": "a", "arguments": {}}, {"name": "b", "arguments": {}}]': /several different/,
    [parameter("a</parameter> b")]: /fit each other/,
    [parameter("a</parameter></function> b")]: /fit each other/,
    [parameter("a<parameter=file>b")]: /fit each other/,
    "<function=a><parameter=x>1</parameter><parameter=x>2</parameter></function>": /more than once/,
    "<tool_call>a<arg_key>x</arg_key><arg_value>1</arg_value> or </tool_call>": /fit each other/,
    '<｜DSML｜invoke name="a"><｜DSML｜parameter name="x" string="false">[1,</｜DSML｜parameter></｜DSML｜invoke>':
      /not valid JSON/,
    '<|channel|>commentary to=functions.delete_file<|message|>{"file": "a"}<|call|><|start|>assistant<|channel|>final<|message|>Which?':
      /no JSON/,
    '<|channel|>analysis to=functions.delete_file<|message|>{"file": "a"}<|call|>': /only thinking/,
    'Here is my thought process: {"command": {"name": "a", "args": {}}}': /only thinking/,
  };
  for (const [reply, problem] of Object.entries(replies)) {
    const found = parseReply(reply);
    assert.equal(found.command, null, reply);
    assert.match(found.problem ?? "", problem, reply);
    assert.doesNotMatch(found.problem ?? "", /\n/);
  }
});

test("an argument that was cut off is not searched for a command", () => {
  for (const inner of [
    '{"command": {"name": "delete_file", "args": {"file": "a"}}}',
    '</think>\n{"command": {"name": "delete_file", "args": {}}}',
  ])
    assert.equal(parseReply(`<function=write_to_file><parameter=text>${inner}`).command, null);
});

test("an object of JSON that names something is no call where the reply holds anything else", () => {
  const reply = 'The package is {"name": "left-pad", "parameters": {}} and {"version": 1}.';
  assert.equal(parseReply(reply).command, null);
  const own = JSON.stringify({ command: call });
  assert.deepEqual(parseReply(`I change {"name": "left-pad", "parameters": {}}:\n${own}`).command, call);
});

test("a text that speaks of such marks is a text", () => {
  const args = {
    text: '[TOOL_CALLS]delete_file{} <tool_call>{"name": "x", "arguments": {}}</tool_call> <function=a></function>',
  };
  const reply = JSON.stringify({ command: { name: "write_to_file", args } });
  for (const written of [reply, `Without <tool_call> marks:\n${reply}`, `${reply.slice(0, -1)},}`])
    assert.deepEqual(parseReply(written).command?.args, args, written);
});
