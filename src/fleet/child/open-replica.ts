import { BudgetError, RunError } from "../../errors.js";
import type { Replica } from "../../history/lock/replica.js";
import { isHeld, workerMessage, type HeldUntil, type RunMessage } from "./messages.js";

/** The channel to the process that has started this one. */
export type Channel = {
  send?: ((message: unknown, sent: (problem: Error | null) => void) => unknown) | undefined;
  channel?: { ref(): void; unref(): void } | null | undefined;
  on(event: "message" | "disconnect", listen: (message: unknown) => void): unknown;
};

type Waiting = { resolve(): void; reject(thrown: RunError): void };
/** A message whose number is given when it is sent. */
type Question = RunMessage extends infer One ? (One extends RunMessage ? Omit<One, "id"> : never) : never;

function sendOn(channel: Channel, message: RunMessage, sent: (problem: Error | null) => void): void {
  if (channel.send === undefined) sent(new Error("there is no channel to it"));
  else channel.send(message, sent);
}

const tooDear = ({ message, advice }: { message: string; advice: string }): BudgetError =>
  new BudgetError("limit-cost", message, false, { advice });

/** The copy of this run's journal that its worker keeps in the store of the fleet. */
export function openReplica(run: string, channel: Channel): Replica {
  const waiting = new Map<number, Waiting>();
  let until: HeldUntil | null = null;
  let refusal: RunError | null = null;
  let last = 0;
  /** The channel keeps this process alive for as long as an answer is waited for. */
  const keepAlive = (): void => (waiting.size > 0 ? channel.channel?.ref() : channel.channel?.unref());
  const refuse = (message: string): RunError => {
    refusal ??= new RunError("fault", `This process does nothing more for the run ${run}: ${message}`);
    return refusal;
  };
  channel.on("message", (given) => {
    const { data: message } = workerMessage.safeParse(given);
    if (message === undefined) return;
    if ("until" in message) until = message.until;
    if (message.type === "held") return;
    const one = waiting.get(message.id);
    waiting.delete(message.id);
    keepAlive();
    if (message.type === "accepted") one?.resolve();
    else one?.reject(message.type === "too-dear" ? tooDear(message) : refuse(message.message));
  });
  channel.on("disconnect", () => {
    const gone = refuse("its worker is gone.");
    for (const one of waiting.values()) one.reject(gone);
    waiting.clear();
  });
  const ask = (question: Question): Promise<void> =>
    new Promise((resolve, reject) => {
      const id = (last += 1);
      waiting.set(id, { resolve, reject });
      keepAlive();
      const failed = (problem: Error | null): void => {
        if (problem === null) return;
        waiting.delete(id);
        keepAlive();
        reject(refuse(`its worker is gone (${problem.message}).`));
      };
      sendOn(channel, { ...question, id }, failed);
    });
  keepAlive();
  return {
    run,
    requireOurs() {
      if (refusal !== null) throw refusal;
      if (until !== null && !isHeld(until)) throw refuse("its worker did not hold it for longer.");
    },
    accept: (lines) => ask({ type: "accept", lines: [...lines] }),
    reserve: (nano, priced) => ask({ type: "reserve", nano, priced }),
  };
}
