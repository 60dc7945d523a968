import * as z from "zod";
import { untilAborted } from "../base/abort.js";
import { isObject } from "../base/json.js";
import { effects, type Command, type Effect } from "../commands/command.js";
import { textsIn } from "../commands/reach.js";
import type { Check, CheckResult } from "../goals/check.js";
import { text as someText } from "../goals/values.js";
import type { CommandResult } from "../history/event-parts.js";
import type { ExtensionCheck } from "./check.js";
import type { ExtensionArgs, ExtensionCommand } from "./command.js";
import { narrowed, readerOf } from "./context.js";

/** How long a check of somebody else's may take. */
const checkSeconds = 60;

/** Names that mean something else where they would stand. */
const reserved = new Set(["goal", "checks", "none", "null"]);

const oneLine = (most: number, expected: string) =>
  z.string(expected).regex(new RegExp(`^[^\\p{Cc}]{1,${most}}$`, "u"), expected);
const called = z
  .string("must be a name")
  .regex(/^[a-z][a-z0-9_]{0,63}$/, "must be small letters, digits and underscores, such as word_count")
  .refine((name) => !reserved.has(name), "is a word of the program's own");
const aFunction = z.custom<never>((value) => typeof value === "function", "must be a function");

const schemaOf = (value: unknown): value is z.ZodType =>
  isObject(value) && "_zod" in value && typeof value["safeParse"] === "function";
const isArgs = (value: unknown): value is ExtensionArgs => {
  if (schemaOf(value)) return "shape" in value && isObject(value.shape);
  return isObject(value) && Object.values(value).every((placeholder) => typeof placeholder === "string");
};

/** The run is ended by its own commands only. */
const usualEffects = effects.filter((effect) => effect !== "ends the run");

const command = () =>
  z.strictObject({
    name: called,
    label: oneLine(80, "must be one line of text").optional(),
    args: z
      .custom<ExtensionArgs>(
        isArgs,
        'must be an object of zod 4, or names with placeholders such as { file: "<file>" }',
      )
      .optional(),
    effect: z.enum(usualEffects, `must be one of ${usualEffects.join(", ")}`),
    synonyms: z.array(called, "must be a list of names").optional(),
    run: aFunction,
  });

const check = () =>
  z.strictObject({
    name: called,
    value: z.custom<z.ZodType>(schemaOf, "must be a schema of zod 4").optional(),
    title: aFunction.optional(),
    run: aFunction,
  });

/** What a plain object that should be a command or a check is. A check has neither arguments nor an effect. */
export const isCommandLike = (value: Record<string, unknown>): boolean =>
  ["args", "effect", "label", "synonyms"].some((key) => key in value);

/** What a command of somebody else's says of itself that may reach outside. */
const reaching: ReadonlySet<Effect> = new Set(["network", "runs code"]);

/** A command of somebody else's as the loop takes it. Throws an Error that says which field is wrong. */
export function adoptCommand(given: unknown): Command {
  const own = checked(command(), given) as ExtensionCommand;
  return {
    name: own.name,
    label: own.label ?? inWords(own.name),
    args: argsOf(own.args ?? {}),
    effect: own.effect,
    ...(own.synonyms && { synonyms: own.synonyms }),
    foreign: () => ({ kind: "extension", from: own.name }),
    ...(reaching.has(own.effect) && {
      review: async (args) => ({ reach: { kind: "sends", texts: textsIn(args) } }),
    }),
    async run(args, wide) {
      const { context, changed } = narrowed(wide);
      const result = resultOf(
        await untilAborted(
          Promise.resolve().then(() => own.run(args, context)),
          wide.signal,
        ),
      );
      return changed() ? { ...result, changed: true } : result;
    },
  };
}

/** A check of somebody else's as goals take it. Throws an Error that says which field is wrong. */
export function adoptCheck(given: unknown): Check {
  const own = checked(check(), given) as ExtensionCheck;
  return {
    name: own.name,
    value: own.value ?? someText,
    title: (value) => (own.title ? String(own.title(value)) : titleOf(value)),
    async run(value, { workspace }) {
      return judgedOf(await inTime(async () => own.run(value, { workspace: readerOf(workspace) })));
    },
  };
}

function checked(form: z.ZodType, given: unknown): unknown {
  const read = form.safeParse(given);
  // The object itself, since its methods may use `this`.
  if (read.success) return given;
  const [issue] = read.error.issues;
  if (issue?.code === "unrecognized_keys") throw new Error(`has ${issue.keys.join(", ")}, which means nothing here`);
  const place = issue?.path.join(".") ?? "";
  throw new Error(place === "" ? "must be an object" : `${place} ${issue?.message ?? "is wrong"}`);
}

const argsOf = (args: ExtensionArgs): z.ZodObject =>
  schemaOf(args)
    ? (args as z.ZodObject)
    : z.object(
        Object.fromEntries(Object.entries(args).map(([name, placeholder]) => [name, z.string().describe(placeholder)])),
      );

/** `word_count` → `Word count`. */
const inWords = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

const titleOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function resultOf(given: unknown): CommandResult {
  if (typeof given === "string") return { ok: true, text: given };
  if (isObject(given) && typeof given["ok"] === "boolean" && typeof given["text"] === "string") {
    const { ok, text } = given as { ok: boolean; text: string };
    return { ok, text: ok || text.startsWith("Error: ") ? text : `Error: ${text}` };
  }
  throw new Error("the command gave neither a text nor { ok, text }.");
}

function judgedOf(given: unknown): CheckResult {
  if (isObject(given) && typeof given["ok"] === "boolean" && typeof given["found"] === "string")
    return { ok: given["ok"], found: given["found"] };
  throw new Error("the check gave no { ok, found }");
}

async function inTime<Result>(work: () => Promise<Result>): Promise<Result> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`it did not end within ${checkSeconds} seconds`)),
    checkSeconds * 1000,
  );
  try {
    return await untilAborted(work(), late.signal);
  } finally {
    clearTimeout(timer);
  }
}
