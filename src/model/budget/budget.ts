import { addUsage, emptyTotals, isUsed, nanoLimitOf, nanoOf, nanoPerDollar, tokensOf } from "../../history/totals.js";
import { BudgetError } from "../../errors.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import type { Totals, Usage } from "../../history/event-parts.js";
import { affordableTokens, costNano, dearestUsage } from "../catalog/price.js";

export type BudgetLimits = { costUsd?: number | undefined; tokens?: number | undefined };

/** The worst case of one request, set aside while it is under way. */
export type Reservation = { promptTokens: number; answerTokens: number; nano: number };

/** Money in nano-dollars, and tokens; Infinity where there is no limit. */
export type Amount = { nano: number; tokens: number };

/** What a run has used, and what its requests under way may still use. */
export interface Budget {
  /**
   * Sets aside the worst case of a request, its answer lowered to what the limits still pay for, though not below
   * `least`. Throws BudgetError, and sets nothing aside, where even that is too much.
   */
  reserve(entry: ModelEntry, promptTokens: number, answer: { wanted: number; least: number }): Reservation;
  /** Gives a reservation back, for a request that was not sent. */
  release(reservation: Reservation): void;
  /** Replaces a reservation by what the request used; returns what that cost in US dollars. */
  settle(reservation: Reservation, entry: ModelEntry, usage: Usage, kind: "chat" | "embedding"): number;
  /**
   * Takes out of what is used what a request counts for whose answer was lost with an earlier process, since it is settled after all;
   * `estimatedBesides`: other requests were counted by an estimate as well.
   */
  takeBack(held: { reservedUsd: number; reservedTokens: number; estimatedBesides: boolean }): void;
  /** As `reserve` and `settle`, for what has a flat price and no tokens; in nano-dollars. Throws BudgetError. */
  reserveFlat(nano: number): Reservation;
  settleFlat(reservation: Reservation, nano: number, usage: Usage, priced: boolean): number;
  /** Keeps so much back from whatever is reserved from now on, in place of what was kept back before. */
  holdBack(amount: Amount): void;
  /** What is neither used, set aside nor held back. */
  left(): Amount;
  totals(): Totals;
}

/** A budget that starts at `spent`, what earlier parts of the run have used. */
export function openBudget(limits: BudgetLimits, spent: Totals = emptyTotals()): Budget {
  const book = openBook(spent);
  const underWay = { ...nothing };
  let held = nothing;
  const nanoLimit = limits.costUsd === undefined ? Infinity : nanoLimitOf(limits.costUsd);
  const tokensFree = () => (limits.tokens ?? Infinity) - book.tokens() - underWay.tokens - held.tokens;
  const left = () => ({ nano: nanoLimit - book.nano() - underWay.nano - held.nano, tokens: tokensFree() });
  const free = (): Free => ({ left: left(), limits, isHeldBack: held.nano > 0 || held.tokens > 0 });
  function setAside(reservation: Reservation): Reservation {
    underWay.nano += reservation.nano;
    underWay.tokens += reservation.promptTokens + reservation.answerTokens;
    return reservation;
  }
  function release({ promptTokens, answerTokens, nano }: Reservation): void {
    underWay.nano -= nano;
    underWay.tokens -= promptTokens + answerTokens;
  }
  return {
    reserve(entry, promptTokens, answer) {
      return setAside(worstCase(entry, promptTokens, answer, free()));
    },
    release,
    settle(reservation, entry, usage, kind) {
      release(reservation);
      const priced = entry.prices !== undefined || !isUsed(usage);
      return book.add(usage, { nano: costNano(entry, usage), embedding: kind === "embedding", priced });
    },
    takeBack: book.takeBack,
    reserveFlat(nano) {
      if (nano > left().nano) throw tooDear(free(), 0);
      return setAside({ promptTokens: 0, answerTokens: 0, nano });
    },
    settleFlat(reservation, nano, usage, priced) {
      release(reservation);
      return book.add(usage, { nano, embedding: false, priced });
    },
    holdBack: (amount) => void (held = amount),
    left,
    totals: book.totals,
  };
}

/** What has been used, in nano-dollars and tokens. */
function openBook(spent: Totals) {
  const used: Totals = { ...emptyTotals(), ...spent };
  let nanoUsed = nanoOf(spent.costUsd);
  let estimatedSince = false;
  return {
    nano: () => nanoUsed,
    tokens: () => tokensOf(used),
    totals: (): Totals => ({ ...used, costUsd: nanoUsed / nanoPerDollar }),
    /** Adds one request; returns what it cost in US dollars. */
    add(usage: Usage, { nano, embedding, priced }: { nano: number; embedding: boolean; priced: boolean }): number {
      addUsage(used, usage, embedding);
      estimatedSince ||= usage.estimated === true;
      if (!priced) used.unpriced = true;
      nanoUsed += nano;
      used.requests += 1;
      return nano / nanoPerDollar;
    },
    takeBack({ reservedUsd, reservedTokens, estimatedBesides }: Parameters<Budget["takeBack"]>[0]): void {
      nanoUsed -= nanoOf(reservedUsd);
      used.promptTokens -= reservedTokens;
      used.requests -= 1;
      if (!estimatedBesides && !estimatedSince) delete used.estimated;
    },
  };
}

/** The worst case of a request, its answer lowered to what is left. Throws BudgetError where that is too little. */
function worstCase(
  entry: ModelEntry,
  promptTokens: number,
  { wanted, least }: { wanted: number; least: number },
  free: Free,
): Reservation {
  const { left } = free;
  const promptNano = costNano(entry, dearestUsage(entry, promptTokens, 0));
  const affordable = affordableTokens(entry, promptTokens, left.nano - promptNano);
  // Written so that NaN refuses the request.
  const paid = promptNano <= left.nano && affordable >= least;
  if (!paid) throw tooDear(free, promptTokens);
  if (!(left.tokens - promptTokens >= least)) throw tooLong(free, promptTokens);
  const answerTokens = Math.min(wanted, affordable, left.tokens - promptTokens);
  const nano = costNano(entry, dearestUsage(entry, promptTokens, answerTokens));
  return { promptTokens, answerTokens, nano };
}

const next = (promptTokens: number, { isHeldBack }: Free) =>
  `too little for the next request, whose prompt has up to ${promptTokens} tokens${isHeldBack ? "; the rest is held back for the last step" : ""}`;

const nothing: Amount = { nano: 0, tokens: 0 };

/** What a reservation may take, and why it may not take more. */
type Free = { left: Amount; limits: BudgetLimits; isHeldBack: boolean };

function tooDear(free: Free, promptTokens: number): BudgetError {
  const left = Math.max(0, free.left.nano / nanoPerDollar).toFixed(4);
  const message = `The cost limit of $${free.limits.costUsd} leaves $${left}: ${next(promptTokens, free)}.`;
  return new BudgetError("limit-cost", message, free.isHeldBack);
}

function tooLong(free: Free, promptTokens: number): BudgetError {
  const left = Math.max(0, free.left.tokens);
  const message = `The limit of ${free.limits.tokens} tokens leaves ${left}: ${next(promptTokens, free)}.`;
  return new BudgetError("limit-tokens", message, free.isHeldBack);
}
