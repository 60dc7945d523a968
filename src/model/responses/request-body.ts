import type { ModelEntry } from "../catalog/model-entry.js";
import type { KeptReasoning } from "../../history/event-parts.js";
import type { RequestBody } from "../http/server.js";
import type { Message, ReplySchema } from "../model.js";
import type { Asking } from "../openai/chat-protocol.js";
import type { ModelCapabilities, ReplyMode } from "../openai/learned/capabilities.js";
import { cacheParameters } from "../openai/prompt-cache.js";
import { formOf, moodOf, replyMode, taken, type ChatOptions } from "../openai/request-body.js";

/** What a server is asked to add to an answer, so that its thinking can be given back with later requests. */
const encryptedReasoning = "reasoning.encrypted_content";

/**
 * The optional parameters of a request that the model takes, as far as the catalog and the server told. What has another place in
 * Responses than in Chat Completions has its name there, so that what a server refuses has one name: `response_format`
 * becomes `text.format`, `reasoning_effort` `reasoning.effort`.
 */
export function responsesParameters(
  entry: ModelEntry,
  capabilities: ModelCapabilities,
  options: ChatOptions,
): Record<string, unknown> {
  const { temperature, reasoning } = moodOf(entry, options);
  const background = options.background && !capabilities.refused.includes("background");
  const form = formOf(options, capabilities.refused);
  const mayReason = options.purpose === "think" && (entry.reasoningEffort !== false || !entry.known);
  return taken(
    {
      max_output_tokens: Math.min(options.answerTokens, capabilities.mostAnswer ?? Infinity),
      temperature,
      reasoning_effort: reasoning,
      tools: options.tools?.map(({ name, description, parameters }) => ({
        ...{ type: "function", name, description, parameters, strict: false },
      })),
      response_format: form && formatOf(form, replyMode(entry, capabilities)),
      stream: background ? undefined : true,
      // Nothing is left with the service, since the journal has the run; only what is waited for has to be there.
      store: background,
      background: background || undefined,
      include: mayReason ? [encryptedReasoning] : undefined,
      ...(options.promptCache && cacheParameters(capabilities, options.repeated)),
    },
    capabilities.refused,
  );
}

function formatOf({ name, strict, schema }: ReplySchema, mode: ReplyMode): object | undefined {
  if (mode === "schema") return { type: "json_schema", name, strict, schema };
  return mode === "object" ? { type: "json_object" } : undefined;
}

/** The whole body: messages become items, and what was named for the sake of refusals gets its place. */
export function responsesBody(
  { model, messages, kept }: Asking,
  { response_format: format, reasoning_effort: effort, ...parameters }: Record<string, unknown>,
): RequestBody {
  return {
    model,
    input: itemsOf(messages, kept),
    ...parameters,
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(format !== undefined && { text: { format } }),
  };
}

/**
 * Messages as items, each behind what was thought before it. A reply that was a call is one again, with the message behind it as its
 * output, directly behind it: services take neither without the other.
 */
function itemsOf(messages: readonly Message[], kept: number): object[] {
  const items: object[] = [];
  for (const [index, message] of messages.entries()) {
    const before = callIn(messages[index - 1]);
    const call = callIn(message);
    const isAnswered = messages[index + 1]?.role === "user";
    if (before !== undefined && message.role === "user") items.push(outputOf(before, message, index < kept));
    else if (call !== undefined && isAnswered) items.push(...(message.reasoning?.items ?? []));
    else items.push(...(call === undefined ? (message.reasoning?.items ?? []) : []), itemOf(message, index < kept));
  }
  return items;
}

type KeptItem = KeptReasoning["items"][number];

const callIn = (message: Message | undefined): KeptItem | undefined =>
  message?.reasoning?.items.find(({ type }) => type === "function_call");

const outputOf = ({ call_id: id }: KeptItem, { content }: Message, isMarked: boolean): object => ({
  ...{ type: "function_call_output", call_id: id, output: isMarked ? [markedPart(content)] : content },
});

/** A message as an item. As in Chat Completions, marks of assistant messages would be ignored. */
function itemOf({ role, content }: Message, isMarked: boolean): object {
  return { type: "message", role, content: isMarked && role !== "assistant" ? [markedPart(content)] : content };
}

const markedPart = (text: string): object => ({
  ...{ type: "input_text", text, prompt_cache_breakpoint: { mode: "explicit" } },
});
