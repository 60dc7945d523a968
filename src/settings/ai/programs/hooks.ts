import { isMap, isSeq, type Node } from "yaml";
import * as z from "zod";
import { hookMoments, type HookMoment } from "../../../history/events/hooks.js";
import { entriesOf, followed, textOf } from "../nodes.js";
import { parseSettingsYaml, type SettingsYaml } from "../yaml.js";

/** How long a hook may take unless it is told, and at the most, in seconds. */
export const usualSeconds = 30;
const mostSeconds = 3600;

const seconds = `must be a number of seconds, at most ${mostSeconds}`;

/** One hook, as `ai_settings.yaml` has it; values of YAML may come as their texts. */
const writtenHook = () =>
  z.strictObject({
    command: z
      .string("must be text")
      .min(1, "must not be empty")
      .describe("A program: a path that begins with ./, from this file's folder on, or a name in PATH"),
    args: z.array(z.string("must be a list of texts"), "must be a list of texts").optional().describe("Its arguments"),
    env: z
      .record(z.string(), z.string("must be names with a text each"), "must be names with a text each")
      .optional()
      .describe("Its environment besides what any program needs; ${NAME} is taken from yours"),
    commands: z
      .array(z.string("must be a list of commands"), "must be a list of commands")
      .min(1, "must name a command, or be left out")
      .optional()
      .describe("The AI's commands that it is run for; all unless told"),
    timeout: z
      .union([z.number(), z.string().regex(/^\d+(?:\.\d+)?$/, seconds)], seconds)
      .refine((value) => Number(value) > 0 && Number(value) <= mostSeconds, seconds)
      .optional()
      .describe(`How long it may take, in seconds; ${usualSeconds} unless told`),
    required: z
      .union([z.boolean(), z.enum(["true", "false"])], "must be true or false")
      .optional()
      .describe("The run ends where it fails"),
  });

/** `hooks` of ai_settings.yaml, for editors. */
export const hooksForm = () => {
  const hook = z.union([z.string().min(1).describe("A program with its arguments, without a shell"), writtenHook()]);
  const some = z.union([hook, z.array(hook)]).nullish();
  const moments = z.strictObject({
    "run-start": some.describe("Run when the run begins, and when it goes on"),
    "before-command": some.describe("Run before each command: it may refuse it, or give it other arguments"),
    "after-command": some.describe("Run after each command"),
    "run-end": some.describe("Run at the end"),
  } satisfies Record<HookMoment, z.ZodType>);
  return moments
    .nullish()
    .describe(
      "Programs of yours that are run at moments of the run, with the event as JSON on standard input. They run with your " +
        "rights, so each needs your yes once",
    );
};

/** A hook as it is written; `place` says where, for messages. */
export type WrittenHook = {
  event: HookMoment;
  place: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  commands: readonly string[] | null;
  seconds: number;
  required: boolean;
};

/** `hooks` of the text of an ai_settings.yaml, in their order. Throws SettingsError naming file and line. */
export function parseHooks(text: string, file: string): WrittenHook[] {
  if (!/\bhooks\b/.test(text)) return [];
  const yaml = parseSettingsYaml(text, file, { schema: "failsafe" });
  const hooks = followed(yaml, entriesOf(yaml, yaml.document.contents)?.get("hooks") ?? null);
  if (textOf(hooks) === "") return [];
  const moments = entriesOf(yaml, hooks);
  const expected = `hooks must name one or more of ${hookMoments.join(", ")}, each with a program or a list of them.`;
  if (moments === null) throw yaml.problem(hooks, expected);
  return [...moments].flatMap(([name, value]) => {
    const event = hookMoments.find((one) => one === name);
    if (event === undefined)
      throw yaml.problem(value ?? hooks, `hooks: there is no ${JSON.stringify(name.slice(0, 60))}. ${expected}`);
    if (textOf(value) === "") return [];
    const list = isSeq(value) ? value.items.map((item) => followed(yaml, item)) : [value];
    return list.map((node) => hookOf(yaml, event, node, value));
  });
}

function hookOf(yaml: SettingsYaml, event: HookMoment, node: Node | null, around: Node | null): WrittenHook {
  const at = node ?? around;
  const line = textOf(node);
  if (line !== null) return { ...usual, event, place: yaml.place(at), ...wordsOf(yaml, event, line, at) };
  const entries = entriesOf(yaml, node);
  const read = writtenHook().safeParse(isMap(node) ? node.toJS(yaml.document) : null);
  if (!read.success) {
    const [issue] = read.error.issues;
    const [key] = issue?.path ?? [];
    const isUnknown = issue?.code === "unrecognized_keys";
    const named = isUnknown ? issue.keys[0] : key;
    const message = isUnknown ? "means nothing here" : entries?.get(String(key)) ? issue?.message : "is missing";
    const what =
      named === undefined ? "must be a program, or command with args and others" : `${String(named)} ${message}`;
    throw yaml.problem(entries?.get(String(named)) ?? at, `hooks: ${event}: ${what}.`);
  }
  const { command, args = [], env = {}, commands = null, timeout = usualSeconds, required } = read.data;
  return {
    ...{ event, place: yaml.place(at), command, args, env, commands },
    seconds: Number(timeout),
    required: String(required) === "true",
  };
}

const usual = { env: {}, commands: null, seconds: usualSeconds, required: false };

/** The words of a line without anything that takes a shell. */
function wordsOf(
  yaml: SettingsYaml,
  event: HookMoment,
  line: string,
  at: Node | null,
): Pick<WrittenHook, "command" | "args"> {
  const [command = "", ...args] = line.trim().split(/\s+/);
  if (command === "") throw yaml.problem(at, `hooks: ${event}: the program is missing.`);
  if (/["'`|&;<>*?\\]|\$\(/.test(line))
    throw yaml.problem(at, `hooks: ${event}: no shell reads this line. Write command: and args: in its place.`);
  return { command, args };
}
