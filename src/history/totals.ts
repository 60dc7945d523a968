import type { Totals, Usage } from "./event-parts.js";

/** Money is added up in whole nano-dollars, rounded up for each request, so that sums are exact. */
export const nanoPerDollar = 1e9;
/** An amount that is known, which as US dollars is no whole number of them by an error of floating point alone. */
export const nanoOf = (usd: number): number => Math.round(usd * nanoPerDollar);
/** What a person allows: a fraction of a nano-dollar more than the error of floating point is not given. */
export const nanoLimitOf = (usd: number): number => Math.floor(usd * nanoPerDollar + 1e-3);

/** What a request takes that was refused, or that is not paid by the token. */
export const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/** Nothing used yet. */
export const emptyTotals = (): Totals => ({
  ...noUsage,
  cacheWriteTokens: 0,
  embeddingTokens: 0,
  requests: 0,
  costUsd: 0,
});

/** Adds the tokens of one request to the totals; what is sent to be embedded counts by itself. */
export function addUsage(totals: Totals, usage: Usage, embedding: boolean): void {
  if (embedding) totals.embeddingTokens += usage.promptTokens;
  else totals.promptTokens += usage.promptTokens;
  totals.cachedTokens += usage.cachedTokens;
  totals.cacheWriteTokens = (totals.cacheWriteTokens ?? 0) + (usage.cacheWriteTokens ?? 0);
  totals.completionTokens += usage.completionTokens;
  if (usage.estimated) totals.estimated = true;
}

/** Whether a request took anything; one that the server refused did not. */
export const isUsed = ({ promptTokens, completionTokens }: Usage): boolean => promptTokens + completionTokens > 0;

/** Adds what one part took to what others did. */
export function addTotals(sum: Totals, part: Totals): void {
  sum.promptTokens += part.promptTokens;
  sum.cachedTokens += part.cachedTokens;
  sum.cacheWriteTokens = (sum.cacheWriteTokens ?? 0) + (part.cacheWriteTokens ?? 0);
  sum.completionTokens += part.completionTokens;
  sum.embeddingTokens += part.embeddingTokens;
  sum.requests += part.requests;
  sum.costUsd += part.costUsd;
  if (part.estimated) sum.estimated = true;
  if (part.unpriced) sum.unpriced = true;
}

/** Every token that was sent, answered or embedded. */
export const tokensOf = ({
  promptTokens,
  completionTokens,
  embeddingTokens,
}: Pick<Totals, "promptTokens" | "completionTokens" | "embeddingTokens">): number =>
  promptTokens + completionTokens + embeddingTokens;
