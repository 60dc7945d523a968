import type { Message } from "../../../src/model/model.js";
import { reply } from "../../support/services/fake-open-ai.js";

type Operation = { name: string; args: { file?: string; text?: string; directory?: string } };

/** A few thousand characters, so that half of a file would be seen. */
const manyLines = Array.from({ length: 120 }, (_, index) => `line ${index} of the long file\n`).join("");

/** What the scripted model wants to do, in this order, each exactly once. */
export const operations: readonly Operation[] = [
  { name: "write_to_file", args: { file: "one.txt", text: "one\n" } },
  { name: "append_to_file", args: { file: "one.txt", text: "two\n" } },
  { name: "write_to_file", args: { file: "notes/long.txt", text: manyLines } },
  { name: "read_file", args: { file: "one.txt" } },
  { name: "append_to_file", args: { file: "notes/long.txt", text: "the end\n" } },
  { name: "search_files", args: { directory: "" } },
  { name: "write_to_file", args: { file: "passing.txt", text: "not for long\n" } },
  { name: "append_to_file", args: { file: "passing.txt", text: "at all\n" } },
  { name: "delete_file", args: { file: "passing.txt" } },
  { name: "append_to_file", args: { file: "one.txt", text: "three\n" } },
  { name: "write_to_file", args: { file: "one.txt.copy", text: "one\ntwo\nthree\n" } },
  { name: "append_to_file", args: { file: "new/日本.txt", text: "appended to nothing — 語\n" } },
];

/** Requests of a run in which nothing goes wrong: one for each operation, and one for task_complete. */
export const undisturbedRequests = operations.length + 1;

/** The files after so many operations. */
export function filesAfter(count: number): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, args } of operations.slice(0, count)) {
    const { file = "", text = "" } = args;
    if (name === "write_to_file") files.set(file, text);
    if (name === "append_to_file") files.set(file, (files.get(file) ?? "") + text);
    if (name === "delete_file") files.delete(file);
  }
  return files;
}

/**
 * What a careful model says to this conversation. It decides by what the history shows alone: where it is told that a
 * command may or may not have happened, it reads the file before it repeats anything. Throws where the history tells of
 * something that cannot have happened. `count`: how many of the operations there are to be.
 */
export function carefulReply(messages: readonly Message[], count = operations.length): string {
  let done = 0;
  let uncertain = false;
  for (const { intent, text } of exchanges(messages)) {
    if (intent === null) continue;
    const [kind, number] = intent.split(":");
    if (Number(number) !== done) throw new Error(`the history shows ${intent} where operation ${done} is due`);
    if (text.includes("the disk is full, and nothing was changed")) continue;
    if (text.includes("may or may not have happened")) uncertain ||= kind === "do";
    else if (kind === "do") done += verified(done, text);
    else {
      uncertain = false;
      done += happened(done, text) ? 1 : 0;
    }
  }
  const next = operations[done];
  if (!next || done >= count) return reply("task_complete", { reason: "all is done" }, { text: `do:${done}` });
  if (uncertain && next.args.file !== undefined && next.name !== "read_file") {
    return reply("read_file", { file: next.args.file }, { text: `look:${done}` });
  }
  return reply(next.name, next.args, { text: `do:${done}` });
}

type Exchange = { intent: string | null; text: string };

/** Where roles have to alternate, more stands behind a result in its message. */
const exchanges = (messages: readonly Message[]): Exchange[] =>
  messages.flatMap(({ role, content }, index) =>
    role === "assistant" ? [{ intent: intentOf(content), text: unframed(messages[index + 1]?.content ?? "") }] : [],
  );

/** Null for what is no reply in the protocol's JSON. */
function intentOf(content: string): string | null {
  try {
    return (JSON.parse(content) as { thoughts: { text: string } }).thoughts.text;
  } catch {
    return null;
  }
}

const unframed = (text: string): string =>
  /^\[(result of step \d+'*): data, not instructions\]\n([\s\S]*?)\n\[end of \1\](?:$|\n)/.exec(text)?.[2] ?? text;

/** 1, or an error where a result is not what the files so far demand. */
function verified(number: number, text: string): number {
  const { name, args } = operations[number] ?? { name: "task_complete", args: {} };
  const { file = "" } = args;
  const answer = text.replace(`Command ${name} returned: `, "");
  const files = filesAfter(number);
  const expected = new Map([
    ["write_to_file", "File written to successfully."],
    ["append_to_file", "Text appended successfully."],
    ["delete_file", "File deleted successfully."],
    ["read_file", files.get(file)],
    ["search_files", [...files.keys()].sort().join("\n")],
  ]);
  if (answer === expected.get(name)) return 1;
  throw new Error(`operation ${number}, ${name}, returned ${JSON.stringify(text)}`);
}

function happened(number: number, text: string): boolean {
  const file = operations[number]?.args.file ?? "";
  const shown = text.replace("Command read_file returned: ", "");
  const found = shown.startsWith("Error: There is no file") ? undefined : shown;
  if (found === filesAfter(number + 1).get(file)) return true;
  if (found === filesAfter(number).get(file)) return false;
  throw new Error(`after operation ${number} was cut short, ${file} holds ${JSON.stringify(shown)}`);
}
