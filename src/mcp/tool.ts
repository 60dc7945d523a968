import { createHash } from "node:crypto";
import * as z from "zod";
import { stableJson } from "../base/json.js";

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

const mostTools = 2_000;
const longestDescription = 10_000;

/** The tools of an answer to `tools/list`; what is no tool is left out, and of two with one name the first counts. */
export function toolsOf(answer: readonly unknown[]): Tool[] {
  const found = new Map<string, Tool>();
  for (const each of answer.slice(0, mostTools)) {
    const read = listed().safeParse(each);
    if (!read.success || found.has(read.data.name)) continue;
    const { name, title, description = "", inputSchema = {}, annotations = {} } = read.data;
    found.set(name, {
      name,
      title: title ?? annotations.title ?? "",
      description: description.slice(0, longestDescription),
      inputSchema,
      hints: {
        readOnly: annotations.readOnlyHint ?? false,
        openWorld: annotations.openWorldHint ?? true,
        destructive: annotations.destructiveHint ?? true,
        idempotent: annotations.idempotentHint ?? false,
      },
    });
  }
  return [...found.values()];
}

/** Changes with everything that a model or a person is told of the tool. */
export const digestOf = (tool: Tool): string => createHash("sha256").update(stableJson(tool)).digest("hex");
