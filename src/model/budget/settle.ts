import { nanoPerDollar, noUsage } from "../../history/totals.js";
import { RunError } from "../../errors.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { FailedRequest, type Billed } from "../http/errors.js";
import type { Budget, Reservation } from "./budget.js";
import type { Answer, Call, EmitModelEvent } from "../model.js";
import type { Usage, Purpose } from "../../history/event-parts.js";
import { dearestUsage } from "../catalog/price.js";

/** Where the requests of a run are accounted for, and who hears of each. */
export type Accounts = {
  budget: Budget;
  emit: EmitModelEvent;
  reserveShared?: ReserveShared;
  /** What the last request of the loop used. */
  lastThought?: Usage;
};

export type ReserveShared = (nano: number, priced: boolean) => Promise<void>;

/** One request and what is set aside for it. */
export type Attempt = Call & {
  kind: "chat" | "embedding";
  purpose: Purpose;
  model: string;
  entry: ModelEntry;
  reservation: Reservation;
};

/** Journals, sends and settles one request. Throws what `send` throws. */
export async function account<Given extends { usage: Usage }>(
  accounts: Accounts,
  attempt: Attempt,
  send: () => Promise<Given>,
  shown: (given: Given) => Partial<Pick<Answer, "text" | "finishReason" | "reasoning">>,
): Promise<Given> {
  const { step, purpose } = attempt;
  await recordReservation(accounts, attempt, attempt.entry.prices !== undefined);
  const given = await sent(accounts, attempt, send);
  const costUsd = accounts.budget.settle(attempt.reservation, attempt.entry, given.usage, attempt.kind);
  await accounts.emit({ type: "model-replied", step, purpose, ...shown(given), usage: given.usage, costUsd });
  return given;
}

/** Puts a reservation on record before its request is sent; it is released where that fails. */
export async function recordReservation(
  { budget, emit, reserveShared }: Accounts,
  { step, signal, purpose, model, reservation }: Omit<Attempt, "kind" | "entry">,
  priced: boolean,
): Promise<void> {
  const reservedUsd = reservation.nano / nanoPerDollar;
  const reservedTokens = reservation.promptTokens + reservation.answerTokens;
  try {
    signal.throwIfAborted();
    await reserveShared?.(reservation.nano, priced);
    await emit({
      type: "model-requested",
      step,
      purpose,
      model,
      reservedUsd,
      reservedTokens,
      ...(priced ? {} : { unpriced: true }),
    });
  } catch (thrown) {
    budget.release(reservation);
    throw thrown;
  }
}

/** A failure costs nothing where the server refused the request, and the whole reservation where it may have worked. */
async function sent<Given>({ budget }: Accounts, attempt: Attempt, send: () => Promise<Given>): Promise<Given> {
  const { entry, reservation, kind } = attempt;
  try {
    return await send();
  } catch (thrown) {
    const billed = billedFor(thrown, attempt.signal);
    const usage = billed === "reservation" ? wholeOf(attempt) : billed === "nothing" ? noUsage : billed;
    const costUsd = budget.settle(reservation, entry, usage, kind);
    if (thrown instanceof FailedRequest) thrown.charge = { usage, costUsd };
    throw thrown;
  }
}

const wholeOf = ({ entry, reservation: { promptTokens, answerTokens } }: Attempt): Usage => ({
  ...dearestUsage(entry, promptTokens, answerTokens),
  estimated: true,
});

function billedFor(thrown: unknown, signal: AbortSignal): Billed {
  if (thrown instanceof FailedRequest) return thrown.billed;
  return signal.aborted || !(thrown instanceof RunError) ? "reservation" : "nothing";
}
