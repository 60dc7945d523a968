import { fixtureRows, rowsBeside } from "../support/fixtures.js";

/** A reply with these arguments, written as they are, unless another command is given. */
export const replyWith = (args: string, name = "write_to_file"): string =>
  `{"thoughts": {"text": "I write", "plan": "- one\\n- two", "speak": "Now."}, "command": {"name": "${name}", "args": ${args}}}`;

/** Replies in many shapes, to be mutated. */
export const seedReplies: readonly string[] = [
  replyWith(JSON.stringify({ file: "a.go", text: 'package main\n\n\tfunc f() { return "}" } // end\n' })),
  JSON.stringify(JSON.parse(replyWith('{"input": "https://example.com:80/a?b={c}"}', "google")), null, 4),
  "Here is my answer:\n\n```json\n" +
    replyWith('{"url": "https://example.com", "question": "what?"}') +
    "\n```\nThat is all.",
  `{'thoughts': {'text': "it's fine", 'reasoning': None}, 'command': {'name': 'read_file', 'args': {'file': 'a.txt'}}}`,
  replyWith(String.raw`{"file": "C:\Users\me\notes.txt", "text": "\d+ \'quoted\' \\\'twice\\\'"}`),
  replyWith('{"file": "说明.txt", "text": "他说"你好"然后走了 😀", }'),
  `<think>\nMaybe {"a": 1}?\n</think>\n${replyWith("{}", "do_nothing")}`,
  `{"command": "google", "arguments": {"input": "x", "n": 12.5e3, "list": [1, true, null, {"deep": ["y"]}]}}`,
  `{“thoughts”: {“text”: “smart”}, “command”: {“name”: “list_agents”, “args”: “”}}`,
  `{thoughts: {text: "bare"}, /* note */ command: {name: do_nothing, args: {"text": "a" + "b"}}} // end`,
  replyWith('{"code": "from a import b\\n\\\n    b()", "more": """raw "text" here"""}', "evaluate_code"),
  replyWith('{"a": "1"}') + "\n\n" + replyWith('{"a": "1"}'),
  '<tool_call>\n{"name": "read_file", "arguments": {"file": "a.txt"}}\n</tool_call>',
  "<think>Hm</think><tool_call>\n<function=write_to_file>\n<parameter=file>\na.txt\n</parameter>\n<parameter=text>\n{x}\n</parameter>\n</function>\n</tool_call>",
  '[TOOL_CALLS]google[ARGS]{"input": "x"}',
];

/** A reply in the shape of one that a model gave, with what is read in it: a command, or a part of the line that says what is wrong. */
export type ReplyExample = {
  id: string;
  kind: string;
  classes: string[];
  reply: string;
  expect: { command: string; args: Record<string, unknown> } | { problem: string };
};

/** Examples of every shape in which models reply. */
export const replyExamples: readonly ReplyExample[] = fixtureRows<ReplyExample>("replies.jsonl");

export type RecordedReply = {
  id: string;
  kind: string;
  classes: string[];
  reply: string;
  expect: { command: string | null; args: Record<string, unknown> | null };
};

/** Replies that models gave in earnest; none where they do not lie beside the repository. */
export const recordedReplies = (): RecordedReply[] => rowsBeside<RecordedReply>("data", "replies.jsonl");
