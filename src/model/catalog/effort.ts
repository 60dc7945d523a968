/** How long a model can be told to think, from the shortest. */
export const efforts = ["none", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof efforts)[number];

/** Whether a model takes an effort, or which ones where those are not all. */
export type TakenEfforts = boolean | readonly Effort[];

/**
 * The effort that a model is asked with: the wanted one, or the nearest that it takes. Undefined where none is wanted, or
 * where the model takes no effort at all.
 */
export function effortFor(taken: TakenEfforts, wanted: Effort | undefined): Effort | undefined {
  if (wanted === undefined || taken === false) return undefined;
  if (taken === true) return wanted;
  const distance = (one: Effort): number => Math.abs(efforts.indexOf(one) - efforts.indexOf(wanted));
  return taken.toSorted((one, other) => distance(one) - distance(other))[0];
}
