import type { FleetBudget } from "../store/run-store.js";

const inDollars = (nano: number): string => `$${Number((nano / 1e9).toFixed(4))}`;

/** Why a request is not sent that does not fit into the fleet's budget, and what somebody can do about it. */
export function tooDear(
  { spent, limit }: FleetBudget,
  { nano, priced }: { nano: number; priced: boolean },
): { message: string; advice: string } {
  const most = inDollars(limit ?? 0);
  if (!priced)
    return {
      message: `All runs of the fleet together may cost ${most}, and what this model costs is not known.`,
      advice:
        "Give the worker the model's prices (see --help of the settings on prices), or end the limit: autogpt fleet budget none.",
    };
  const left = inDollars(Math.max(0, (limit ?? 0) - spent));
  return {
    message: `All runs of the fleet together may cost ${most}, of which ${left} is left: too little for the next request, which may cost up to ${inDollars(nano)}.`,
    advice: "The run goes on once there is enough: autogpt fleet budget USD allows more.",
  };
}
