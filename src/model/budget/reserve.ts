import type { Usage } from "../../history/event-parts.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import type { Message } from "../model.js";
import { mostPromptTokens, type TokenCounter } from "../tokens.js";
import type { Amount, Budget } from "./budget.js";
import { isFar, isWithin, leastAnswer, mostFor, paysForTwo } from "./outlook.js";

/** What is held back of the limits for a last request of the loop. */
export interface Reserve {
  /** From now on the most that a request with a prompt of this size can take is left alone by all others. */
  holdBack(promptTokens: number): void;
  /** Nothing is held back any more. */
  letGo(): void;
  /** The most tokens that a prompt of these messages can have. */
  sizeOf(messages: readonly Message[]): number;
  /** Whether the limits are still far off for a request with a prompt of this size. */
  isFar(promptTokens: number): boolean;
  /** Whether the limits pay for a request with a prompt of this size, besides what is held back. */
  paysFor(promptTokens: number): boolean;
  /** Whether they pay for that and for about one more; what is held back counts as left. */
  paysForMore(promptTokens: number): boolean;
  /** The limit that leaves less. */
  nearest(): "cost" | "tokens";
}

/** `lastThought` is what the last request of the loop used; undefined before there was one. */
export function createReserve(
  budget: Budget,
  entry: ModelEntry,
  counter: TokenCounter,
  lastThought: () => Usage | undefined,
): Reserve {
  let held: Amount = { nano: 0, tokens: 0 };
  const hold = (amount: Amount): void => {
    held = amount;
    budget.holdBack(amount);
  };
  return {
    holdBack: (promptTokens) => hold(mostFor(entry, promptTokens, leastAnswer)),
    letGo: () => hold({ nano: 0, tokens: 0 }),
    sizeOf: (messages) => mostPromptTokens(messages, counter),
    isFar: (promptTokens) => isFar(mostFor(entry, promptTokens, leastAnswer), budget.left()),
    paysFor: (promptTokens) => isWithin(mostFor(entry, promptTokens, leastAnswer), budget.left()),
    paysForMore(promptTokens) {
      const { nano, tokens } = budget.left();
      const all = { nano: nano + held.nano, tokens: tokens + held.tokens };
      return paysForTwo(all, entry, promptTokens, lastThought());
    },
    nearest: () => (budget.left().nano === Infinity ? "tokens" : "cost"),
  };
}
