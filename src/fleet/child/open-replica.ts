import { BudgetError, RunError } from "../../errors.js";
import type { Replica } from "../../history/lock/replica.js";
import { isHeld, workerMessage, type HeldUntil, type RunMessage } from "./messages.js";

/** The channel to the process that has started this one. */
export type Channel = {
  send?: ((message: unknown, sent: (problem: Error | null) => void) => unknown) | undefined;
  channel?: { ref(): void; unref(): void } | null | undefined;
  on(event: "message" | "disconnect", listen: (message: unknown) => void): unknown;
};

type Waiting = { resolve(value: number): void; reject(thrown: RunError): void };
/** A message whose number is given when it is sent. */
type Question = RunMessage extends infer One ? (One extends RunMessage ? Omit<One, "id"> : never) : never;

const tooDear = ({ message, advice }: { message: string; advice: string }): BudgetError =>
  new BudgetError("limit-cost", message, false, { advice });

/** The copy of this run's journal that its worker keeps in the store of the fleet, and what it shares there with others. */
export function openReplica(run: string, channel: Channel): Replica {
  let until: HeldUntil | null = null;
  let refusal: RunError | null = null;
  const refuse = (message: string): RunError => {
    refusal ??= new RunError("fault", `This process does nothing more for the run ${run}: ${message}`);
    return refusal;
  };
  const ask = openQuestions(channel, { refuse, onHeld: (later) => (until = later) });
  return {
    run,
    requireOurs() {
      if (refusal !== null) throw refusal;
      if (until !== null && !isHeld(until)) throw refuse("its worker did not hold it for longer.");
    },
    accept: async (lines) => void (await ask({ type: "accept", lines: [...lines] })),
    reserve: async (nano, priced) => void (await ask({ type: "reserve", nano, priced })),
    turn: (server, tokens, taken) => ask({ type: "turn", server, tokens, taken }),
    heard: async (server, rates) => void (await ask({ type: "heard", server, rates })),
  };
}

type Hearing = { refuse(message: string): RunError; onHeld(until: HeldUntil): void };

/** Asks the worker, and resolves to how long it says to wait, 0 where it says nothing of that. Rejects with what it refuses. */
function openQuestions(channel: Channel, { refuse, onHeld }: Hearing): (question: Question) => Promise<number> {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  /** The channel keeps this process alive for as long as an answer is waited for. */
  const keepAlive = (): void => (waiting.size > 0 ? channel.channel?.ref() : channel.channel?.unref());
  channel.on("message", (given) => {
    const { data: message } = workerMessage.safeParse(given);
    if (message === undefined) return;
    if ("until" in message) onHeld(message.until);
    if (message.type === "held") return;
    const one = waiting.get(message.id);
    waiting.delete(message.id);
    keepAlive();
    if (message.type === "accepted") one?.resolve(0);
    else if (message.type === "wait") one?.resolve(message.milliseconds);
    else one?.reject(message.type === "too-dear" ? tooDear(message) : refuse(message.message));
  });
  channel.on("disconnect", () => {
    const gone = refuse("its worker is gone.");
    for (const one of waiting.values()) one.reject(gone);
    waiting.clear();
  });
  keepAlive();
  return (question) =>
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
      if (channel.send === undefined) failed(new Error("there is no channel to it"));
      else channel.send({ ...question, id }, failed);
    });
}
