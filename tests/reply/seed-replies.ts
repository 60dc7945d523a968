import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { referenceFile } from "../support/reference.js";

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
];

export type RecordedReply = {
  id: string;
  kind: string;
  classes: string[];
  reply: string;
  expect: { command: string | null; args: Record<string, unknown> | null };
};

/** Replies that models gave in earnest; null where they are not at hand. */
export function recordedReplies(t: TestContext): RecordedReply[] | null {
  const file = referenceFile(t, "data", "replies.jsonl");
  if (file === null) return null;
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as RecordedReply);
}
