import { existsSync, readFileSync } from "node:fs";
import type { TestContext } from "node:test";

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

const recorded = new URL("../../../shared/data/replies.jsonl", import.meta.url);

/** Replies that models gave in earnest; null, and the test skipped, where they are not at hand. In CI they have to be. */
export function recordedReplies(test: TestContext): RecordedReply[] | null {
  if (existsSync(recorded)) {
    const lines = readFileSync(recorded, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as RecordedReply);
  }
  if (process.env["CI"]) throw new Error(`The recorded replies are missing: ${recorded.pathname}`);
  test.skip("the recorded replies (../shared/data/replies.jsonl) are not here");
  return null;
}
