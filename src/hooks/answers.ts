import * as z from "zod";
import { deepest, isObject, isTooDeep, parseJson } from "../base/json.js";
import type { HookMoment } from "../history/events/hooks.js";

/** What a hook answers; everything may be missing. */
export type HookAnswer = { refuse?: string; args?: Record<string, unknown>; note?: string };

const note = z.string("note must be text").optional();

const forms = () => ({
  plain: z.strictObject({ note }),
  before: z.strictObject({
    note,
    refuse: z.string("refuse must be text: the reason").optional(),
    args: z.record(z.string(), z.unknown(), "args must be an object: the arguments of the command").optional(),
  }),
});

/** Reads an answer; a text says what is wrong with it, as the rest of a sentence. No output at all is an answer that says nothing. */
export function readAnswer(event: HookMoment, output: string): HookAnswer | string {
  if (output.trim() === "") return {};
  const value = parseJson(output);
  if (!isObject(value)) return "its answer is no JSON object";
  if (isTooDeep(value)) return `in its answer, more than ${deepest} objects or lists are nested`;
  const { plain, before } = forms();
  const read = (event === "before-command" ? before : plain).safeParse(value);
  if (read.success)
    return Object.fromEntries(Object.entries(read.data).filter(([, one]) => one !== undefined)) as HookAnswer;
  const [issue] = read.error.issues;
  if (issue?.code === "unrecognized_keys")
    return `its answer has ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}, which means nothing here`;
  return `in its answer, ${issue?.message ?? "something is wrong"}`;
}
