import type { Usage } from "../../history/event-parts.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { costNano, dearestUsage } from "../catalog/price.js";
import type { Amount } from "./budget.js";

/** Answers are not cut below this many tokens to fit into a limit: a reply would hardly ever be complete. */
export const leastAnswer = 500;

/**
 * Whether what is left pays for a request with this prompt and, to the governor's measure, for the one behind it. What the
 * last request of the kind used says how long an answer is, how fast the prompt grows, and how much of it the server keeps.
 */
export function paysForTwo(left: Amount, entry: ModelEntry, promptTokens: number, last: Usage | undefined): boolean {
  const completionTokens = Math.max(leastAnswer, last?.completionTokens ?? 0);
  const growth = Math.max(completionTokens, promptTokens - (last?.promptTokens ?? promptTokens));
  const cachedTokens = Math.min(last?.cachedTokens ?? 0, promptTokens);
  const now = last
    ? { promptTokens, cachedTokens, completionTokens }
    : dearestUsage(entry, promptTokens, completionTokens);
  const next = dearestUsage(entry, promptTokens + growth, leastAnswer);
  const tokens = promptTokens + completionTokens + next.promptTokens + next.completionTokens;
  return costNano(entry, now) + costNano(entry, next) <= left.nano && tokens <= left.tokens;
}

/** The most that a request with a prompt of this size and an answer of that size can take. */
export const mostFor = (entry: ModelEntry, promptTokens: number, answerTokens: number): Amount => ({
  nano: costNano(entry, dearestUsage(entry, promptTokens, answerTokens)),
  tokens: promptTokens + answerTokens,
});

/** How many more requests of a size a limit pays for before it is near. */
const farRequests = 20;

/** Whether a limit that leaves so much is still far off for a request of this size. */
export const isFar = ({ nano, tokens }: Amount, left: Amount): boolean =>
  nano * farRequests <= left.nano && tokens * farRequests <= left.tokens;

/** Whether one amount is left where that much is. */
export const isWithin = (amount: Amount, left: Amount): boolean =>
  amount.nano <= left.nano && amount.tokens <= left.tokens;
