import { createHash } from "node:crypto";
import * as z from "zod";
import { isObject, isTooDeep, stableJson } from "../base/json.js";
import { cleanLine, firstCharacters } from "../base/text.js";

/** A tool as a server describes it: what it says of itself is somebody else's text. */
export const toolForm = () =>
  z.object({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    /** A JSON Schema of its arguments; {} where it has none. */
    inputSchema: z.record(z.string(), z.unknown()),
    /** What it says that it does to the world; what it does not say is the worst. */
    hints: z.object({
      readOnly: z.boolean(),
      openWorld: z.boolean(),
      destructive: z.boolean(),
      idempotent: z.boolean(),
    }),
  });
export type Tool = Readonly<z.infer<ReturnType<typeof toolForm>>>;

const hint = () => z.boolean().optional().catch(undefined);
const text = () => z.string().optional().catch(undefined);

/** Takes what a tool needs and leaves the rest, so that one odd field does not lose the tool. */
const listed = () =>
  z.object({
    name: z.string().min(1).max(128),
    title: text(),
    description: text(),
    inputSchema: z.record(z.string(), z.unknown()).optional().catch(undefined),
    annotations: z
      .object({
        title: text(),
        readOnlyHint: hint(),
        openWorldHint: hint(),
        destructiveHint: hint(),
        idempotentHint: hint(),
      })
      .optional()
      .catch(undefined),
  });

/** What of an answer to `tools/list` can be used, and what of it cannot, each in half a sentence. */
export type ReadTools = { tools: Tool[]; leftOut: string[] };

/** More tools than that are more than anybody can agree to. */
const mostTools = 2_000;
const longestDescription = 10_000;
const longestTitle = 500;
/** The longest schemas of published servers have a few thousand characters of JSON. */
const longestSchema = 100_000;
const deepestSchema = 64;
const longestName = 60;
const mostNamed = 5;

/** A tool as a server lists it; a text says why it cannot be used. */
export function readTool(value: unknown): Tool | string {
  const read = listed().safeParse(value);
  if (!read.success) return `${nameIn(value)} (it has no name of 1 to 128 characters)`;
  const { name, title, description = "", inputSchema = {}, annotations = {} } = read.data;
  if (isTooDeep(inputSchema, deepestSchema))
    return `${shown(name)} (its schema is deeper than ${deepestSchema} levels)`;
  if (JSON.stringify(inputSchema).length > longestSchema)
    return `${shown(name)} (its schema is longer than ${longestSchema} characters)`;
  return {
    name,
    title: firstCharacters(title ?? annotations.title ?? "", longestTitle),
    description: firstCharacters(description, longestDescription),
    inputSchema,
    hints: {
      readOnly: annotations.readOnlyHint ?? false,
      openWorld: annotations.openWorldHint ?? true,
      destructive: annotations.destructiveHint ?? true,
      idempotent: annotations.idempotentHint ?? false,
    },
  };
}

/** The tools among what was read; of two with one name the first counts. */
export function toolsOf(read: readonly (Tool | string)[]): ReadTools {
  const found = new Map<string, Tool>();
  const leftOut: string[] = [];
  let further = 0;
  for (const one of read) {
    const isKept = typeof one !== "string" && !found.has(one.name) && found.size < mostTools;
    if (isKept) found.set(one.name, one);
    else if (leftOut.length >= mostNamed || found.size >= mostTools) further += 1;
    else leftOut.push(typeof one === "string" ? one : `another ${shown(one.name)}`);
  }
  return { tools: [...found.values()], leftOut: further === 0 ? leftOut : [...leftOut, `${further} further ones`] };
}

const shown = (name: string): string => JSON.stringify(cleanLine(name, longestName));

const nameIn = (value: unknown): string =>
  isObject(value) && typeof value["name"] === "string" ? shown(value["name"]) : "one without a name";

/** Changes with everything that a model or a person is told of the tool. */
export const digestOf = (tool: Tool): string => createHash("sha256").update(stableJson(tool)).digest("hex");
