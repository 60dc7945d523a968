import type { Spending } from "../../history/recorded-usage.js";
import { addTotals, emptyTotals } from "../../history/totals.js";

const mostListed = 20;

/** The dearest first; where there are many models and purposes, what the rest took together is the last one. */
export function mostSpent(spendings: readonly Spending[]): Spending[] {
  const sorted = [...spendings].sort((one, other) => other.totals.costUsd - one.totals.costUsd);
  if (sorted.length <= mostListed) return sorted;
  const rest = sorted.slice(mostListed);
  const totals = emptyTotals();
  for (const spending of rest) addTotals(totals, spending.totals);
  return [...sorted.slice(0, mostListed), { model: `${rest.length} others`, purpose: "", totals }];
}
