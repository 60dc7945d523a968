import type { ModelEntry } from "./model-entry.js";

/** How long a model can be told to think, from the shortest. */
export const efforts = ["none", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof efforts)[number];

/**
 * The effort that a model is asked with: the wanted one, or the nearest that it takes. Undefined where none is wanted, or
 * where the model takes no effort at all.
 */
export function effortFor({ reasoningEffort }: ModelEntry, wanted: Effort | undefined): Effort | undefined {
  if (wanted === undefined || reasoningEffort === false) return undefined;
  if (reasoningEffort === true) return wanted;
  const distance = (one: Effort): number => Math.abs(efforts.indexOf(one) - efforts.indexOf(wanted));
  return reasoningEffort.toSorted((one, other) => distance(one) - distance(other))[0];
}
