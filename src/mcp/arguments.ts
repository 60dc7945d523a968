import * as z from "zod";
import { isObject } from "../base/json.js";
import { cleanLine } from "../base/text.js";
import type { Tool } from "./tool.js";

const longestPlaceholder = 160;

/** More arguments are not listed; the longest name of one that is, in characters. */
const mostArguments = 40;
const longestName = 80;

/** Arguments as the prompt lists them, and how many there are besides. */
export type ListedArguments = { args: z.ZodObject; further: number };

/**
 * A tool's arguments as the prompt lists them, each with what its schema says of it, those that are required first where there
 * are many. They are checked by the schema itself, so every value passes here.
 */
export function listedArgumentsOf({ inputSchema }: Tool): ListedArguments {
  const properties = isObject(inputSchema["properties"]) ? Object.entries(inputSchema["properties"]) : [];
  const required = new Set(Array.isArray(inputSchema["required"]) ? inputSchema["required"] : []);
  // What cannot be shown as it is cannot be written back.
  const plain = properties.filter(([name]) => name.length <= longestName && cleanLine(name, longestName) === name);
  const ordered =
    plain.length > mostArguments
      ? [...plain.filter(([name]) => required.has(name)), ...plain.filter(([name]) => !required.has(name))]
      : plain;
  const shape = ordered.slice(0, mostArguments).map(([name, schema]): [string, z.ZodType] => [
    name,
    z
      .unknown()
      .optional()
      .describe(placeholderOf(schema, required.has(name), inputSchema)),
  ]);
  return { args: z.looseObject(Object.fromEntries(shape)), further: properties.length - shape.length };
}

/** The schema by which arguments are checked: one that is written for a draft that nobody here knows is taken for one of 2020-12. */
export function checkedSchemaOf({ inputSchema: { $schema, ...others } }: Pick<Tool, "inputSchema">): object {
  const isKnown = typeof $schema === "string" && /2020-12|draft-0?7/.test($schema);
  return isKnown ? { $schema, ...others } : others;
}

/** `<text: The file's path>`, or `<list of text, may be left out>`. */
function placeholderOf(schema: unknown, isRequired: boolean, root: Tool["inputSchema"]): string {
  const own = followed(schema, root);
  const description = isObject(own) && typeof own["description"] === "string" ? cleanLine(own["description"], 400) : "";
  const parts = [typeOf(own, root, 0), ...(isRequired ? [] : ["may be left out"])].join(", ");
  const whole = description === "" ? parts : `${parts}: ${description}`;
  return `<${cleanLine(whole, longestPlaceholder)}>`;
}

const words: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["number", "number"],
  ["integer", "whole number"],
  ["boolean", "true or false"],
  ["null", "null"],
]);
const deepest = 3;
const mostNamed = 8;

function typeOf(schema: unknown, root: Tool["inputSchema"], depth: number): string {
  const own = followed(schema, root);
  if (!isObject(own) || depth > deepest) return "anything";
  const { type, enum: values, const: only, items, properties } = own;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values))
    return values
      .slice(0, mostNamed)
      .map((value) => JSON.stringify(value))
      .join(" or ");
  const choices = [own["anyOf"], own["oneOf"]].find(Array.isArray) as readonly unknown[] | undefined;
  if (choices) return [...new Set(choices.slice(0, mostNamed).map((one) => typeOf(one, root, depth + 1)))].join(" or ");
  if (Array.isArray(type))
    return type
      .filter((one) => typeof one === "string")
      .slice(0, mostNamed)
      .map((one) => typeOf({ ...own, type: one }, root, depth + 1))
      .join(" or ");
  if (type === "array") return items === undefined ? "list" : `list of ${typeOf(items, root, depth + 1)}`;
  if (type === "object" || isObject(properties)) return objectOf(own, root, depth);
  return (typeof type === "string" ? words.get(type) : undefined) ?? "anything";
}

function objectOf(own: Record<string, unknown>, root: Tool["inputSchema"], depth: number): string {
  const properties = isObject(own["properties"]) ? Object.entries(own["properties"]) : [];
  if (properties.length === 0) return "object";
  const named = properties.slice(0, mostNamed).map(([name, value]) => `${name}: ${typeOf(value, root, depth + 1)}`);
  return `{${named.join(", ")}${properties.length > mostNamed ? ", …" : ""}}`;
}

/** What a `$ref` within the schema stands for; a chain of them ends, also where it is a circle. */
function followed(schema: unknown, root: Tool["inputSchema"]): unknown {
  let own = schema;
  for (let hops = 0; hops < 10 && isObject(own) && typeof own["$ref"] === "string"; hops++) {
    const path = /^#\/(.+)$/.exec(own["$ref"])?.[1]?.split("/") ?? [];
    let target: unknown = path.length === 0 ? undefined : root;
    for (const part of path) {
      const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
      target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    }
    own = target;
  }
  return own;
}

/** As it is where it is escaped wrongly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
