import { envelope } from "../../history/events.js";
import { eventsSchema } from "./events.js";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.js";

type Fields = Readonly<Record<string, JsonSchema>>;

/** The page docs/journal.md with new tables: what lies between the two marks is replaced. */
export const withJournalTables = (page: string): string =>
  page.replace(
    /(<!-- tables: .*? -->\n).*(<!-- end of tables -->)/s,
    (_old, begin, end) => `${begin}\n${journalTables()}\n\n${end}`,
  );

/** Markdown: what every event has, every event with its own fields, and the parts that several of them share. */
function journalTables(): string {
  const { oneOf, $defs } = eventsSchema() as { oneOf: readonly JsonSchema[]; $defs: Fields };
  const types = oneOf.map((event) => partOf(event) ?? "");
  const parts = Object.keys($defs).filter((name) => !types.includes(name));
  const section = (name: string): string => {
    const { description = "", anyOf = [], ...schema } = $defs[name] ?? {};
    const fields = [schema, ...(anyOf as readonly JsonSchema[])].flatMap((each) => rows(each, $defs));
    return `### ${name}\n\n${description}.\n\n${table(fields)}`;
  };
  return [
    "## What every event has",
    table([...rows(jsonSchemaOf(envelope), {}, ""), "| `type` | text | What happened: one of the names below |"]),
    "## Events",
    ...types.map(section),
    "## Parts of events",
    ...parts.map(section),
  ].join("\n\n");
}

const table = (lines: readonly string[]): string =>
  ["| field | type | meaning |", "| --- | --- | --- |", ...lines].join("\n");

const common = new Set(["type", ...Object.keys(envelope.shape)]);

/** A line of the table for each field, and below it those of an object without a name of its own. */
function rows(schema: JsonSchema, parts: Fields, before?: string): string[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties as Fields).flatMap(([name, field]) => {
    if (before === undefined && common.has(name) && "seq" in properties) return [];
    const path = `${before ?? ""}${name}`;
    const optional = required.includes(name) ? "" : ", may be missing";
    const meaning = (field.description ?? parts[partOf(field) ?? ""]?.description ?? "").replaceAll("|", "\\|");
    return [`| \`${path}\`${optional} | ${typeOf(field)} | ${meaning} |`, ...rows(field, parts, `${path}.`)];
  });
}

/** What a field holds, in words, with its unit. */
function typeOf(schema: JsonSchema): string {
  const { "x-unit": unit, anyOf = [] } = schema as { "x-unit"?: string; anyOf?: readonly JsonSchema[] };
  const words = anyOf.length > 0 ? anyOf.map(typeOf).join(" or ") : wordsFor(schema);
  return unit === undefined ? words : `${words} (${unit})`;
}

/** A list of names that ends with … may grow. */
function wordsFor(schema: JsonSchema): string {
  const { enum: names, examples, items, type, const: only } = schema;
  const part = partOf(schema);
  if (part !== undefined) return `[${part}](#${part.toLowerCase()})`;
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (names !== undefined) return listed(names);
  if (Array.isArray(examples)) return `${listed(examples)} …`;
  if (items !== undefined) return `list of ${typeOf(items as JsonSchema)}`;
  return [type].flat().map(spoken).join(" or ");
}

const spoken = (type: string | undefined): string =>
  ({ string: "text", integer: "whole number", boolean: "true or false" })[type ?? ""] ?? String(type);

const listed = (names: readonly unknown[]): string => names.map((name) => `\`${String(name)}\``).join(", ");

/** The name of the part that a field refers to. */
const partOf = ({ $ref }: JsonSchema): string | undefined => $ref?.replace("#/$defs/", "");
