import type { Message } from "./model.js";
import type { MessageShape } from "./traits.js";

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

/** The history begins with a reply: such templates want something that it replies to. */
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
