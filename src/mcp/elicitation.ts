import type { ElicitRequestParams, ElicitResult } from "@modelcontextprotocol/client";
import { validateJson } from "../base/json-schema/validate-json.js";
import { isObject, parseJson } from "../base/json.js";
import { cleanLine, firstCharacters } from "../base/text.js";
import type { CommandCall } from "../history/event-parts.js";
import type { UserField, UserQuestion, UserReply } from "../commands/user-question.js";

const longestMessage = 2_000;
const longestLabel = 300;
const mostFields = 30;

/** What a server asks the user in a call of this command, so that a person can answer it. */
export function questionOf(params: ElicitRequestParams, { name: from, args }: CommandCall): UserQuestion {
  const message = withinLength(params.message);
  if (params.mode === "url") return { from, args, message, asks: { kind: "address", address: params.url } };
  const { properties, required = [] } = params.requestedSchema;
  const fields = Object.entries(properties).slice(0, mostFields);
  const schema = JSON.stringify(params.requestedSchema);
  return {
    from,
    args,
    message,
    asks: {
      kind: "form",
      schema: params.requestedSchema,
      fields: fields.map(([name, own]) => fieldOf(name, own as Record<string, unknown>, required.includes(name))),
      check: (answers) => validateJson(JSON.stringify(answers), schema),
    },
  };
}

const withinLength = (message: string): string =>
  message.length > longestMessage ? `${firstCharacters(message, longestMessage)}…` : message;

/** What the server is told of it. */
export function resultOf(reply: UserReply): ElicitResult {
  if (reply.kind === "declined") return { action: "decline" };
  if (reply.kind !== "answered") return { action: reply.kind === "nobody" && !reply.parks ? "decline" : "cancel" };
  return { action: "accept", content: { ...reply.answers } as NonNullable<ElicitResult["content"]> };
}

function fieldOf(name: string, own: Record<string, unknown>, required: boolean): UserField {
  const text = (key: string): string => (typeof own[key] === "string" ? own[key] : "");
  const choices = choicesOf(own);
  const what = [text("title") || name, text("description")].filter((part) => part !== "").join(": ");
  const usual = own["default"];
  const notes = [
    kindOf(own, choices),
    ...(usual === undefined ? [] : [`${JSON.stringify(usual)} if left empty`]),
    ...(required || usual !== undefined ? [] : ["may be left out"]),
  ];
  const schema = JSON.stringify(own);
  return {
    name,
    label: cleanLine(`${what} (${notes.join("; ")})`, longestLabel),
    required,
    usual,
    async read(entered) {
      const value = valueOf(entered.trim(), own, choices);
      const problem = await validateJson(JSON.stringify(value), schema);
      return problem === null ? { ok: true, value } : { ok: false, problem: `This does not fit: ${problem}` };
    },
  };
}

/** What may be chosen, with what it is called. */
type Choice = { value: string; title: string };

function choicesOf(own: Record<string, unknown>): Choice[] {
  const from = isObject(own["items"]) ? own["items"] : own;
  const titled = [from["oneOf"], from["anyOf"]].find(Array.isArray) as readonly unknown[] | undefined;
  if (titled)
    return titled
      .filter(isObject)
      .map(({ const: value, title }) => ({ value: String(value), title: String(title ?? value) }));
  const values = (Array.isArray(from["enum"]) ? from["enum"] : []) as readonly unknown[];
  const names = (Array.isArray(own["enumNames"]) ? own["enumNames"] : []) as readonly unknown[];
  return values.map((value, index) => ({ value: String(value), title: String(names[index] ?? value) }));
}

function kindOf(own: Record<string, unknown>, choices: readonly Choice[]): string {
  const listed = choices.map(({ value, title }) => (value === title ? value : `${value}: ${title}`)).join(", ");
  if (choices.length > 0) return own["type"] === "array" ? `some of ${listed}, with commas` : `one of ${listed}`;
  const { type, format } = own;
  if (type === "boolean") return "y or n";
  if (type === "integer") return "a whole number";
  return type === "number" ? "a number" : typeof format === "string" ? format : "text";
}

/** What was entered, in the type that the schema wants; what is none of it is left to the check. */
function valueOf(entered: string, { type }: Record<string, unknown>, choices: readonly Choice[]): unknown {
  const chosen = (text: string): string =>
    choices.find(({ value, title }) => [value, title].some((one) => one.toLowerCase() === text.toLowerCase()))?.value ??
    text;
  if (type === "array") return entered.split(",").map((part) => chosen(part.trim()));
  if (type === "boolean")
    return /^(?:y|yes|true)$/i.test(entered) || (/^(?:n|no|false)$/i.test(entered) ? false : entered);
  if (type === "number" || type === "integer") return parseJson(entered) ?? entered;
  return choices.length > 0 ? chosen(entered) : entered;
}
