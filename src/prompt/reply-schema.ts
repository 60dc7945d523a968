import * as z from "zod";
import { listedArguments, type Command } from "../commands/command.js";
import type { ReplySchema } from "../model/model.js";

type Schema = Record<string, unknown>;

const text: Schema = { type: "string" };

const object = (properties: Record<string, Schema>): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/**
 * The reply as a JSON schema, made from the commands' own zod objects: one branch for each command that the prompt
 * lists, with the arguments that it lists. The parser stays the judge: a server may ignore all of it.
 */
export function replySchema(commands: Iterable<Command>): ReplySchema {
  const branches = [...commands].filter(({ hidden }) => !hidden).map(branch);
  const thoughts = object({ text, reasoning: text, plan: text, criticism: text, speak: text });
  const schema = object({ thoughts, command: { anyOf: branches } });
  return { name: "reply", strict: isStrict(schema), schema };
}

function branch(command: Command): Schema {
  const { shape } = command.args;
  const listed = Object.fromEntries(
    listedArguments(command).map(([name]) => [name, argumentSchema(shape[name] as unknown as z.ZodType)]),
  );
  return object({ name: { type: "string", enum: [command.name] }, args: object(listed) });
}

/** The schema of one argument. What may be left out is asked for all the same: strict schemas know no optional members. */
export function argumentSchema(type: z.ZodType): Schema {
  const schema = z.toJSONSchema(type, { io: "input", unrepresentable: "any" });
  delete schema.$schema;
  delete schema.default;
  // A limit of a text is checked where the command is prepared; strict mode does not know it everywhere.
  delete schema.minLength;
  return schema;
}

/** The keywords that OpenAI's strict mode takes (guide "Structured outputs", November 2026), apart from limits of values. */
const strictKeywords = new Set([
  ...["type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "description"],
]);

/** Whether every part of a schema keeps to strict mode: known keywords, and objects with all members required. */
function isStrict(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return true;
  if (Array.isArray(schema)) return schema.every(isStrict);
  const own = schema as Schema;
  if (!Object.keys(own).every((keyword) => strictKeywords.has(keyword))) return false;
  if (own["anyOf"] === undefined && own["type"] === undefined) return false;
  if (own["type"] === "object" && own["additionalProperties"] !== false) return false;
  const properties = (own["properties"] ?? {}) as Schema;
  const required = new Set(own["required"] as string[] | undefined);
  const complete = Object.keys(properties).every((name) => required.has(name));
  return complete && [...Object.values(properties), own["items"], own["anyOf"]].every(isStrict);
}
