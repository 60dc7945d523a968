import type { Totals, Usage } from "./event-parts.js";

/** What a request takes that was refused, or that is not paid by the token. */
export const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/** Nothing used yet. */
export const emptyTotals = (): Totals => ({ ...noUsage, embeddingTokens: 0, requests: 0, costUsd: 0 });
