import type { Reply } from "../../../reply/format.js";
import type { Message } from "../../../model/model.js";

/** One small task in the agent's protocol, and what a right reply to it looks like. */
export type Exercise = { name: string; turns: readonly Message[]; passes(reply: Reply): boolean };

const user = (content: string): Message => ({ role: "user", content });
const assistant = (content: string): Message => ({ role: "assistant", content });

const calls =
  (name: string, args: Record<string, unknown> = {}) =>
  (reply: Reply) =>
    reply.command?.name === name && Object.entries(args).every(([key, value]) => reply.command?.args[key] === value);

const writes = (text: string) => calls("write_to_file", { file: "note.txt", text });
const writeOrder = (text: string): string =>
  `Your next command has to be write_to_file, with file note.txt and exactly this text, which is JSON-encoded here: ${JSON.stringify(text)}`;

const quotes = `She said "it's 5 o'clock" and left.`;
const lines = "first line\nsecond line\n\ttabbed";
const code = 'const o = { "a": [1, 2] }; // }}\nconsole.log(`${o.a}`);';
const path = "C:\\Users\\new\\table.txt";
const chinese = "你好，世界：这是一个测试。";
const long = Array.from({ length: 40 }, (_, index) => `${index + 1}. This is line number ${index + 1} of a list.`).join(
  "\n",
);

const brokenReply =
  '{"thoughts": {"text": "I look around"}, "command": {"name": "search_files", "args": {"directory": "."';

/** Twelve of them, from plain to hard. */
export const exercises: readonly Exercise[] = [
  { name: "a right reply", turns: [user("Your next command has to be do_nothing.")], passes: calls("do_nothing") },
  {
    name: "an argument",
    turns: [user("Read the file notes.md next.")],
    passes: calls("read_file", { file: "notes.md" }),
  },
  { name: "thoughts", turns: [user("Do nothing, and say in your thoughts why.")], passes: hasThoughts },
  { name: "quotes in an argument", turns: [user(writeOrder(quotes))], passes: writes(quotes) },
  { name: "line breaks in an argument", turns: [user(writeOrder(lines))], passes: writes(lines) },
  { name: "code in an argument", turns: [user(writeOrder(code))], passes: writes(code) },
  { name: "backslashes in an argument", turns: [user(writeOrder(path))], passes: writes(path) },
  { name: "Chinese", turns: [user(writeOrder(chinese))], passes: writes(chinese) },
  { name: "a long argument", turns: [user(writeOrder(long))], passes: writes(long) },
  {
    name: "staying in the command list",
    turns: [
      user("Order a pizza with the command order_pizza, if that is in your list of commands. Otherwise do nothing."),
    ],
    passes: calls("do_nothing"),
  },
  {
    name: "a repair",
    turns: [
      user("List the files next."),
      assistant(brokenReply),
      user(
        "The reply ends before its command is complete, so nothing was run. Answer again: search_files in directory '.'.",
      ),
    ],
    passes: calls("search_files"),
  },
  {
    name: "an end",
    turns: [user("All goals are achieved. Declare the task complete.")],
    passes: calls("task_complete"),
  },
];

function hasThoughts(reply: Reply): boolean {
  return reply.command?.name === "do_nothing" && reply.thoughts.text.trim() !== "";
}
