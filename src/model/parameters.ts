import type { Complaint } from "./complaint.js";
import type { ModelEntry } from "./catalog.js";

/** What a server turned out to refuse, by model: learned from its answers, shared by all models of one address. */
export type ServerTraits = { refused: Map<string, Set<string>> };

export const createServerTraits = (): ServerTraits => ({ refused: new Map() });

export type ChatWishes = {
  answerTokens: number;
  json: boolean;
  temperature: number | undefined;
  reasoningEffort: string | undefined;
};

/** The optional parameters of a chat request that the model takes, as far as the catalog and the server told. */
export function chatParameters(entry: ModelEntry, traits: ServerTraits, wishes: ChatWishes): Record<string, unknown> {
  const refused = traits.refused.get(entry.name);
  const other = entry.limitParameter === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  const limit = [entry.limitParameter, other].find((name) => !refused?.has(name));
  const reasoning = entry.reasoningEffort ? wishes.reasoningEffort : undefined;
  const coolable =
    entry.temperature === "yes" || (entry.temperature === "only-without-reasoning" && reasoning === "none");
  const parameters = {
    ...(limit && { [limit]: wishes.answerTokens }),
    temperature: coolable ? wishes.temperature : undefined,
    reasoning_effort: reasoning,
    response_format: wishes.json && entry.jsonObject ? { type: "json_object" } : undefined,
  };
  return taken(parameters, refused);
}

/** Whether these parameters limit the answer. */
export const isLimited = (parameters: Record<string, unknown>): boolean =>
  "max_tokens" in parameters || "max_completion_tokens" in parameters;

/** Without `encoding_format` some servers send base64, which cannot be told from a list of another kind. */
export const embeddingParameters = (entry: ModelEntry, traits: ServerTraits): Record<string, unknown> =>
  taken({ encoding_format: "float" }, traits.refused.get(entry.name));

const taken = (parameters: Record<string, unknown>, refused: Set<string> | undefined) =>
  Object.fromEntries(Object.entries(parameters).filter(([name, value]) => value !== undefined && !refused?.has(name)));

/**
 * The parameter among `sent` that a refusal is about: the one in its `param`, or else, since many servers leave that
 * empty, the one whose exact name stands first in its message.
 */
export function refusedParameter({ param, message }: Complaint, sent: readonly string[]): string | undefined {
  if (param) return sent.find((name) => param === name || param.startsWith(`${name}.`));
  const words = message.match(/\w+/g) ?? [];
  return words.find((word) => sent.includes(word));
}

/** Remembers that the server refuses this parameter for this model. */
export function rememberRefused(traits: ServerTraits, model: string, parameter: string): void {
  const refused = traits.refused.get(model) ?? new Set();
  traits.refused.set(model, refused.add(parameter));
}
