import type { Replica } from "../../history/lock/replica.js";
import { nanoPerDollar } from "../../history/totals.js";
import type { RunMessage } from "../child/messages.js";
import type { FleetBudget } from "../store/run-store.js";
import type { Lease } from "./lease.js";
import type { Mirror } from "./mirror.js";
import type { Answered } from "./run-child.js";

export type AnswerParts = {
  mirror: Mirror;
  lease: Pick<Lease, "until">;
  pace: Pick<Replica, "turn" | "heard">;
  /** Is told what does not fit into the fleet's budget, in nano-dollars. */
  onRefused(nano: number): void;
};

/** Does what a run asks its worker for, and resolves to the answer. Throws LeaseLostError where the run is not ours any more. */
export async function answerRun(
  { mirror, lease, pace, onRefused }: AnswerParts,
  message: RunMessage,
): Promise<Answered> {
  switch (message.type) {
    case "accept":
      await mirror.accept(message.lines);
      break;
    case "turn":
      return { type: "wait", milliseconds: await pace.turn(message.server, message.tokens, message.taken) };
    case "heard":
      await pace.heard(message.server, message.rates);
      break;
    case "reserve": {
      const budget = await mirror.reserve(message.nano, message.priced);
      if (budget === null) break;
      // Waiting does not tell what a model costs.
      if (message.priced) onRefused(message.nano);
      return { type: "too-dear", ...tooDear(budget, message) };
    }
  }
  return { type: "accepted", until: lease.until() };
}

const inDollars = (nano: number): string => `$${Number((nano / nanoPerDollar).toFixed(4))}`;

/** Why a request is not sent that does not fit into the fleet's budget, and what somebody can do about it. */
function tooDear(
  { spent, limit }: FleetBudget,
  { nano, priced }: { nano: number; priced: boolean },
): { message: string; advice: string } {
  const most = inDollars(limit ?? 0);
  if (!priced)
    return {
      message: `All runs of the fleet together may cost ${most}, and what this model costs is not known.`,
      advice: "Give the worker the model's prices in MODEL_CATALOG, or end the limit: autogpt fleet budget none.",
    };
  const left = inDollars(Math.max(0, (limit ?? 0) - spent));
  return {
    message: `All runs of the fleet together may cost ${most}, of which ${left} is left: too little for the next request, which may cost up to ${inDollars(nano)}.`,
    advice: "The run goes on once there is enough: autogpt fleet budget USD allows more.",
  };
}
