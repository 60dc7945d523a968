import type { ErrorBody } from "../http/error-body.js";
import type { ChatRequest, Message } from "../model.js";
import type { ModelCapabilities } from "./learned/capabilities.js";

/** Whether breakpoints are asked for: where the catalog knows that the model takes them, always, or never. */
export type PromptCacheMode = "auto" | "breakpoints" | "off";

/** What stands for all that is said of the prompt cache: where a server refuses any of it, this is learned as refused. */
export const cacheParameter = "prompt_cache_options";

/** A message as it is sent: its content as one part where the server is asked to keep the prompt up to there. */
export type SentMessage = Message | { role: Message["role"]; content: readonly object[] };

/**
 * The parameters with which a server keeps the prompt up to the marks in its messages, and nothing without one. They are
 * left out where a template shapes the messages: no such server knows them.
 */
export function cacheParameters(
  { refused, shape }: ModelCapabilities,
  repeated: ChatRequest["repeated"],
): Record<string, unknown> {
  if (refused.includes(cacheParameter) || shape !== "as-is") return {};
  return { [cacheParameter]: { mode: "explicit" }, ...(repeated && { prompt_cache_key: repeated.key }) };
}

/**
 * Marks the system and user messages among the first `count`, which the next request begins with again: marks of assistant
 * messages are ignored by the service. A message that was marked once is marked ever after, so that what was kept by its
 * mark is found again.
 */
export const markMessages = (messages: readonly Message[], count: number): readonly SentMessage[] =>
  count === 0
    ? messages
    : messages.map((message, index) => (index < count && message.role !== "assistant" ? marked(message) : message));

/** The same object for the same message: what has its JSON then takes that. */
function marked(message: Message): SentMessage {
  const known = markedBefore.get(message) ?? { role: message.role, content: [markedPart(message)] };
  markedBefore.set(message, known);
  return known;
}

const markedBefore = new WeakMap<Message, SentMessage>();

const markedPart = ({ content }: Message): object => ({
  type: "text",
  text: content,
  prompt_cache_breakpoint: { mode: "explicit" },
});

/** Whether a refusal is about the prompt cache, or about a content that is no plain text, as that of a marked message. */
export function isAboutCache({ param, message }: ErrorBody): boolean {
  const words = `${param ?? ""} ${message}`;
  return /prompt_cache|cache_breakpoint/i.test(words) || (/\bcontent\b/i.test(words) && /\bstr(?:ing)?\b/i.test(words));
}
