import { BudgetError } from "../../errors.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import type { ChatRequest } from "../model.js";
import { schemaTokens, type TokenCounter } from "../tokens.js";
import type { Budget, Reservation } from "./budget.js";
import { leastAnswer } from "./outlook.js";

/**
 * Some servers bill the schema with the prompt. Near a limit it is left out, so that the answer has all that is left:
 * the prompt asks for the same form, and the parser judges it.
 */
export function reserveSchema(
  budget: Budget,
  entry: ModelEntry,
  promptTokens: number,
  { wanted, replySchema }: { wanted: number; replySchema: ChatRequest["replySchema"] },
): Reservation | undefined {
  if (replySchema === undefined) return undefined;
  try {
    return budget.reserve(entry, promptTokens + schemaTokens(replySchema), { wanted, least: wanted });
  } catch (thrown) {
    if (thrown instanceof BudgetError) return undefined;
    throw thrown;
  }
}

/** The answer limit that was asked for, within what the model can do. */
export function sensibleAnswer(
  entry: ModelEntry,
  { messages, answerTokens }: ChatRequest,
  counter: TokenCounter,
): number {
  const asked = Math.max(1, Math.min(Math.floor(answerTokens), entry.maxOutputTokens ?? Infinity));
  const room = (entry.window ?? Infinity) - counter.messageTokens(messages);
  // Where the prompt seems to leave no room, the server decides: the count may be too high.
  return Math.min(asked, Math.max(room, Math.min(asked, leastAnswer)));
}
