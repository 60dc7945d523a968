import type { KeptReasoning } from "../../history/event-parts.js";
import type { RefusedRequest } from "../http/errors.js";
import type { Message } from "../model.js";
import type { Completion } from "./answers.js";

/** What is kept of the thinking before one reply, in characters: more than that is dropped, for half of it is nothing. */
const mostCharacters = 200_000;
/** A token of thinking has at most so many characters, encrypted; at least so many where the service does not count it. */
const charactersOfToken = { most: 8, least: 3 };

/** What a model thought in earlier steps, as far as its service wants it back. */
export interface KeptThinking {
  /** The messages as they may be sent: without what another model thought, or what the service did not take. */
  sendable(messages: readonly Message[], isWanted: boolean): readonly Message[];
  /** What is to be kept of an answer. */
  of(completion: Pick<Completion, "items" | "usage">): KeptReasoning | undefined;
  /** What to do where these messages are refused for the thinking in them; `leaveOut` is called where it is refused for good. */
  changeFor(messages: readonly Message[], leaveOut: () => void): (refusal: RefusedRequest) => string | undefined;
}

export function createKeptThinking(model: string): KeptThinking {
  const dropped = new WeakSet<KeptReasoning>();
  let refusals = 0;
  return {
    sendable(messages, isWanted) {
      if (messages.every(({ reasoning }) => reasoning === undefined)) return messages;
      return messages.map((message) => {
        const { reasoning, ...plain } = message;
        return reasoning && isWanted && reasoning.model === model && !dropped.has(reasoning) ? message : plain;
      });
    },
    of({ items, usage }) {
      const characters = items === undefined ? 0 : JSON.stringify(items).length;
      if (items === undefined || characters > mostCharacters) return undefined;
      const counted = usage?.reasoningTokens ?? 0;
      const { most, least } = charactersOfToken;
      // What else is among the items counts as the reply that they take the place of.
      const encrypted = JSON.stringify(items.filter(({ type }) => type === "reasoning")).length;
      const tokens = counted > 0 ? Math.max(counted, Math.ceil(encrypted / most)) : Math.ceil(encrypted / least);
      return { model, tokens, items };
    },
    changeFor: (messages, leaveOut) => (refusal) => {
      const sent = messages.flatMap(({ reasoning }) => reasoning ?? []);
      const hasCalls = sent.some(({ items }) => items.some(({ type }) => type === "function_call"));
      if (sent.length === 0 || !(isAboutThinking(refusal) || (hasCalls && isAboutCalls(refusal)))) return undefined;
      for (const one of sent) dropped.add(one);
      refusals += 1;
      // Once may be a key that was changed; what is never taken back is not asked for.
      if (refusals > 1 || !isUnreadable(refusal)) leaveOut();
      return `The server does not take back what ${model} thought before: it is left out from now on.`;
    },
  };
}

const isUnreadable = ({ errorBody: { names, message } }: RefusedRequest): boolean =>
  names.has("invalid_encrypted_content") || /could not be (?:verified|decrypted)/i.test(message);

const mayBeAboutIt = ({ status }: RefusedRequest): boolean => /^(?:400|404|422|500)$/.test(String(status));

/** The same for the calls that it was thought for. */
const isAboutCalls = (refusal: RefusedRequest): boolean =>
  mayBeAboutIt(refusal) &&
  /\bfunction_call|\bcall_\w+|\bfc_\w+|\b(?:function|tool) (?:call|output)/i.test(refusal.errorBody.message);

/** Whether a refusal is about what goes back of a model's thinking, in the words of several servers. */
function isAboutThinking(refusal: RefusedRequest): boolean {
  if (!mayBeAboutIt(refusal)) return false;
  const { message, param } = refusal.errorBody;
  return (
    isUnreadable(refusal) ||
    /encrypted[_ ]content|\breasoning\b['"`]? ?(?:items?|content|type)|type:? ['"`]?reasoning\b|['"`]reasoning['"`]|\brs_\w+/i.test(
      message,
    ) ||
    /^input\[\d+\]\.(?:encrypted_content|summary)/.test(param ?? "")
  );
}
