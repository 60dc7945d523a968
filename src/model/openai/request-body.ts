import { effortFor, type Effort } from "../catalog/effort.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import type { ChatRequest, ReplySchema, Message } from "../model.js";
import type { Tool } from "../native-calls.js";
import { cacheParameters } from "./prompt-cache.js";
import type { ModelCapabilities, ReplyMode, MessageShape } from "./learned/capabilities.js";
import type { Purpose } from "../../history/event-parts.js";

export type ChatOptions = {
  purpose: Purpose;
  answerTokens: number;
  /** The form of the reply; undefined where any will do. */
  replySchema: ReplySchema | undefined;
  temperature: number | undefined;
  reasoningEffort: Effort | undefined;
  /** Whether the server is told what of the prompt to keep, and what later requests begin with. */
  promptCache: boolean;
  /** Commands that may be called; the form of the reply is then left to the model. */
  tools?: readonly Tool[] | undefined;
  /** The server is to work on the answer without a connection, where it can. */
  background: boolean;
  repeated: ChatRequest["repeated"];
};

/** The optional parameters of a chat request that the model takes, as far as the catalog and the server told. */
export function chatParameters(
  entry: ModelEntry,
  capabilities: ModelCapabilities,
  options: ChatOptions,
): Record<string, unknown> {
  const { refused } = capabilities;
  const other = entry.limitParameter === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  const limit = [entry.limitParameter, other].find((name) => !refused.includes(name));
  const { temperature, reasoning } = moodOf(entry, options);
  const form = formOf(options, refused);
  const streams = !refused.includes("stream");
  const parameters = {
    ...(limit && { [limit]: Math.min(options.answerTokens, capabilities.mostAnswer ?? Infinity) }),
    temperature,
    reasoning_effort: reasoning,
    tools: options.tools?.map(({ name, description, parameters: own }) => ({
      type: "function",
      function: { name, description, parameters: own, strict: false },
    })),
    response_format: form && responseFormat(form, replyMode(entry, capabilities)),
    stream: streams || undefined,
    stream_options: streams ? { include_usage: true } : undefined,
    ...(options.promptCache && cacheParameters(capabilities, options.repeated)),
  };
  return taken(parameters, refused);
}

/** How a model is asked to think and to choose its words, as far as it takes that. */
export function moodOf(
  entry: ModelEntry,
  options: Pick<ChatOptions, "temperature" | "reasoningEffort">,
): { temperature: number | undefined; reasoning: Effort | undefined } {
  const reasoning = effortFor(entry.reasoningEffort, options.reasoningEffort);
  const coolable =
    entry.temperature === "yes" || (entry.temperature === "only-without-reasoning" && reasoning === "none");
  return { temperature: coolable ? options.temperature : undefined, reasoning };
}

/** The form that a reply is to have: none where commands may be called as tools. */
export const formOf = ({ tools, replySchema }: ChatOptions, refused: readonly string[]): ReplySchema | undefined =>
  tools !== undefined && !refused.includes("tools") ? undefined : replySchema;

/** The parameters that limit an answer: a server takes one of them. */
export const limitParameters: readonly string[] = ["max_tokens", "max_completion_tokens"];

/** The limit of the answer among these parameters, in tokens; undefined where it has none. */
export const limitOf = (parameters: Record<string, unknown>): number | undefined =>
  [...limitParameters, "max_output_tokens"].map((name) => parameters[name]).find((value) => typeof value === "number");

/** How the reply's form is enforced: as was found out, else as the catalog says, else by its schema. */
export function replyMode(entry: ModelEntry, { reply, refused }: ModelCapabilities): ReplyMode {
  if (refused.includes("response_format")) return "text";
  if (reply) return reply;
  if (entry.jsonSchema !== false) return "schema";
  return entry.jsonObject === false ? "text" : "object";
}

function responseFormat(form: ReplySchema, mode: ReplyMode): object | undefined {
  if (mode !== "schema") return mode === "object" ? { type: "json_object" } : undefined;
  const { name, strict, schema } = form;
  const known = schemaFormats.get(form) ?? { type: "json_schema", json_schema: { name, strict, schema } };
  schemaFormats.set(form, known);
  return known;
}

/** It is longer than all else that is new in a request, and the same for all replies of a run. */
const schemaFormats = new WeakMap<ReplySchema, object>();

/** Without `encoding_format` some servers send base64, in a byte order that they do not tell. */
export const embeddingParameters = (capabilities: ModelCapabilities): Record<string, unknown> =>
  taken({ encoding_format: "float" }, capabilities.refused);

/** Those that are set, without what is refused. */
export const taken = (parameters: Record<string, unknown>, refused: readonly string[]) =>
  Object.fromEntries(
    Object.entries(parameters).filter(([name, value]) => value !== undefined && !refused.includes(name)),
  );

/**
 * The messages in the form that the model's template takes. Many templates want user and assistant in turn, with at
 * most one system message, at the start; some know no system message at all: it then opens the first user message.
 */
export function shapeMessages(messages: readonly Message[], shape: MessageShape): readonly Message[] {
  if (shape === "as-is") return messages;
  const system = joined(messages.filter(({ role }) => role === "system"));
  const turns = inTurn(messages.filter(({ role }) => role !== "system"));
  if (shape === "no-system" && system !== "") return inTurn([{ role: "user", content: system }, ...turns]);
  const begun = turns[0]?.role === "assistant" ? [opening, ...turns] : turns;
  return system === "" ? begun : [{ role: "system", content: system }, ...begun];
}

/** Stands before a history that begins with a reply: templates want a user message first. */
const opening: Message = { role: "user", content: "Begin." };

const joined = (messages: readonly Message[]): string => messages.map(({ content }) => content).join("\n\n");

function inTurn(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last?.role === message.role) turns[turns.length - 1] = { ...last, content: joined([last, message]) };
    else turns.push(message);
  }
  return turns;
}
