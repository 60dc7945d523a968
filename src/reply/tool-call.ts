import { cutOff, readObject, type FoundObject } from "./json/read-object.js";
import { readTagged, type Tags } from "./tagged-arguments.js";

const name = "([\\w.-]{1,100})";
const space = "\\s{0,200}";
const dsml = "(?:｜DSML｜)?";

/** Behind these stand the command's name and a JSON object of its arguments: Mistral, Kimi, DeepSeek V3 and V3.1, harmony. */
const namedMarks = [
  `\\[TOOL_CALLS\\]${space}${name}(?:\\[CALL_ID\\][\\w-]{1,100})?(?:\\[ARGS\\])?${space}(?=\\{)`,
  `<\\|tool_call_begin\\|>${space}(?:functions\\.)?${name}(?::\\d{1,9})?${space}<\\|tool_call_argument_begin\\|>${space}(?=\\{)`,
  `<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>)?${name}(?:<｜tool▁sep｜>)?${space}(?:\`\`\`(?:json)?${space})?(?=\\{)`,
  `<\\|channel\\|>commentary to=(?:functions\\.)?${name}<\\|message\\|>${space}(?=\\{)`,
];

/** Behind these stand objects, alone or in a list, that hold name and arguments: Hermes and Qwen, Llama, Mistral, Granite, Cohere, Phi. */
const objectMarks = [
  "<tool_calls?>",
  "<function_calls?>",
  "<\\|python_tag\\|>",
  "<\\|tool_call\\|>",
  "\\[TOOL_CALLS\\]",
  "<\\|START_ACTION\\|>",
  "functools",
].map((mark) => `${mark}${space}\\[?${space}(?=\\{)`);

/** Behind these, tags stand around each argument: Qwen3-Coder and Seed, MiniMax, DeepSeek V3.2, GLM. Llama puts an object there. */
const taggedMarks: readonly (readonly [mark: string, tags: Tags])[] = [
  [
    `<(?:function(?:=|\\s+name=)|${dsml}invoke\\s+name=)["']?${name}["']?${space}>`,
    {
      open: new RegExp(
        `${space}<${dsml}parameter(?:=|\\s+name=)["']?${name}["']?(?:\\s+string=["']?(true|false)["']?)?${space}>`,
        "y",
      ),
      close: new RegExp(`</${dsml}parameter>`, "g"),
      end: new RegExp(`${space}</${dsml}(?:function|invoke)>`, "y"),
      strange: new RegExp(`<${dsml}parameter[=\\s]|</${dsml}(?:function|invoke)>`),
      stray: new RegExp(`</${dsml}(?:parameter|function|invoke)>`),
    },
  ],
  [
    `<tool_call>${space}${name}${space}(?=<arg_key>|</tool_call>)`,
    {
      open: new RegExp(`${space}<arg_key>${space}${name}${space}</arg_key>${space}<arg_value>`, "y"),
      close: /<\/arg_value>/g,
      end: new RegExp(`${space}</tool_call>`, "y"),
      strange: /<arg_key>|<arg_value>|<\/tool_call>/,
      stray: /<\/arg_value>/,
    },
  ],
];

/** Where a call may begin that is written as models write calls of tools. */
export const toolCallStart =
  /\[TOOL_CALLS\]|<\|(?:tool_call(?:_begin)?|python_tag|START_ACTION)\|>|<\|channel\|>commentary to=|<｜tool▁call▁begin｜>|<(?:tool_calls?|function_calls?)>|<(?:function[=\s]|(?:｜DSML｜)?invoke\s)|functools(?=\s*\[)/g;

type Form = { mark: RegExp; read(source: string, at: number, name: string): FoundObject };

const forms: readonly Form[] = [
  ...taggedMarks.map(([mark, tags]) => ({
    mark: new RegExp(mark, "y"),
    read: (source: string, at: number, called: string) =>
      source.startsWith("{", at) || /^\s{1,200}\{/.test(source.slice(at, at + 201))
        ? readNamed(source, source.indexOf("{", at), called)
        : readTagged(source, at, called, tags),
  })),
  ...namedMarks.map((mark) => ({ mark: new RegExp(mark, "y"), read: readNamed })),
  ...objectMarks.map((mark) => ({ mark: new RegExp(mark, "y"), read: readListed })),
];

/**
 * The call that begins at `at`, in one of the text forms of today's models, as the object of a reply with that command;
 * null where none begins there. Arguments come through as they were written. Takes time in proportion to the length.
 */
export function readToolCall(source: string, at: number): FoundObject | null {
  for (const { mark, read } of forms) {
    mark.lastIndex = at;
    const found = mark.exec(source);
    if (found) return read(source, mark.lastIndex, found[1] ?? "");
  }
  return null;
}

/** A name, and the object of its arguments at `at`. */
function readNamed(source: string, at: number, called: string): FoundObject {
  const { end, cut, problem } = readObject(source, at);
  // Read within a reply of our own format, it has to keep the same rules as there.
  const inReply = `{"command":{"name":${JSON.stringify(called)},"args":${source.slice(at, end)}}}`;
  const whole = problem === null && !cut ? readObject(inReply, 0) : null;
  return asCall(whole?.value["command"], end, problem ?? (cut ? cutOff : (whole?.problem ?? tooEarly(source, end))));
}

/** Objects with name and arguments, one or several: the same given again counts once. */
function readListed(source: string, at: number): FoundObject {
  const first = readOne(source, at);
  let { end } = first;
  const follower = /\s*,?\s*(?=\{)/y;
  for (let count = 0; first.problem === null && count < 100; count++) {
    follower.lastIndex = end;
    if (!follower.test(source)) break;
    const next = readOne(source, follower.lastIndex);
    end = next.end;
    if (next.problem !== null) return { ...next, end };
    if (JSON.stringify(next.value) !== JSON.stringify(first.value))
      return asCall(null, end, "The reply names several different commands: name one.");
  }
  return { ...first, end };
}

function readOne(source: string, at: number): FoundObject {
  const object = readObject(source, at);
  const { end, problem, cut, keys } = object;
  // Our own format, with such marks around it.
  if (keys.some((key) => key.trim().toLowerCase() === "command")) return object;
  if (problem !== null || cut) return asCall(null, end, problem ?? cutOff);
  const inReply = readObject(`{"command":${source.slice(at, end)}}`, 0);
  const { command, problem: wrong } = commandOf(object);
  return asCall(command, end, inReply.problem ?? wrong ?? tooEarly(source, end));
}

const nameKeys = ["name", "tool_name"];
const argumentKeys = ["arguments", "parameters", "args"];
const otherKeys = ["id", "type", "tool_call_id", "index"];

/** The command that an object with name and arguments names. */
export function commandOf({ value, keys }: Pick<FoundObject, "value" | "keys">): {
  command: { name: unknown; args: unknown } | null;
  problem: string | null;
} {
  const names = keys.filter((key) => nameKeys.includes(key));
  const args = keys.filter((key) => argumentKeys.includes(key));
  const strange = keys.find((key) => ![...nameKeys, ...argumentKeys, ...otherKeys].includes(key));
  if (names.length !== 1 || args.length > 1 || strange !== undefined)
    return {
      command: null,
      problem: "The call cannot be used: it needs one name and one object of arguments, and nothing else.",
    };
  return { command: { name: value[names[0] ?? ""], args: value[args[0] ?? ""] ?? {} }, problem: null };
}

/** A bracket too many, or more members, come behind an object: it may have been closed too early. */
const tooEarly = (source: string, end: number): string | null =>
  /^\s*(?:\}|,\s*["'“])/.test(source.slice(end, end + 200))
    ? "A bracket closes the object or its args too early."
    : null;

const asCall = (command: unknown, end: number, problem: string | null): FoundObject => ({
  ...{ value: problem === null ? { command } : {}, end, keys: ["command"] },
  ...{ cut: false, spare: false, problem },
});
