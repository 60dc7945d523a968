import { emptyTotals } from "../../history/totals.js";
import { BudgetError } from "../../errors.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import type { Totals, Usage } from "../../history/event-parts.js";
import { affordableTokens, costNano, nanoPerDollar } from "../catalog/price.js";

export type BudgetLimits = { costUsd?: number | undefined; tokens?: number | undefined };

/** The worst case of one request, set aside while it is under way. */
export type Reservation = { promptTokens: number; answerTokens: number; nano: number };

/** The books of a run: what was used, and what requests under way may still use. Nothing else counts. */
export interface Ledger {
  /**
   * Sets aside the worst case of a request, its answer lowered to what the limits still pay for, though not below
   * `leastAnswer`. Throws BudgetError, and sets nothing aside, where even that is too much.
   */
  reserve(entry: ModelEntry, promptTokens: number, answer: { wanted: number; least: number }): Reservation;
  /** Gives a reservation back, for a request that was not sent. */
  release(reservation: Reservation): void;
  /** Replaces a reservation by what the request used; returns what that cost in US dollars. */
  settle(reservation: Reservation, entry: ModelEntry, usage: Usage, kind: "chat" | "embedding"): number;
  /** As `reserve` and `settle`, for what is paid by the piece and has no tokens; in nano-dollars. Throws BudgetError. */
  reservePiece(nano: number): Reservation;
  settlePiece(reservation: Reservation, nano: number): number;
  totals(): Totals;
}

/** Books that start at `spent`, what earlier parts of the run have used. */
export function openLedger(limits: BudgetLimits, spent: Totals = emptyTotals()): Ledger {
  const [used, underWay] = [{ ...spent }, { nano: 0, tokens: 0 }];
  let nanoUsed = Math.round(spent.costUsd * nanoPerDollar);
  const nanoLimit = limits.costUsd === undefined ? Infinity : Math.floor(limits.costUsd * nanoPerDollar + 1e-3);
  const tokensUsed = () => used.promptTokens + used.completionTokens + used.embeddingTokens;
  const nanoFree = () => nanoLimit - nanoUsed - underWay.nano;
  const release = (reservation: Reservation): void => takeFrom(underWay, reservation);
  return {
    reserve(entry, promptTokens, { wanted, least }) {
      const promptNano = costNano(entry, { promptTokens, cachedTokens: 0, completionTokens: 0 });
      const nanoLeft = nanoFree();
      const tokensLeft = (limits.tokens ?? Infinity) - tokensUsed() - underWay.tokens;
      const affordable = affordableTokens(entry, promptTokens, nanoLeft - promptNano);
      // Asked this way round, a sum that is no number refuses the request.
      const paid = promptNano <= nanoLeft && affordable >= least;
      if (!paid) throw tooDear(limits, nanoLeft / nanoPerDollar, promptTokens);
      if (!(tokensLeft - promptTokens >= least)) throw tooLong(limits, tokensLeft, promptTokens);
      const answerTokens = Math.min(wanted, affordable, tokensLeft - promptTokens);
      const nano = costNano(entry, { promptTokens, cachedTokens: 0, completionTokens: answerTokens });
      underWay.nano += nano;
      underWay.tokens += promptTokens + answerTokens;
      return { promptTokens, answerTokens, nano };
    },
    release,
    settle(reservation, entry, usage, kind) {
      release(reservation);
      const nano = costNano(entry, usage);
      nanoUsed += nano;
      used.requests += 1;
      if (kind === "embedding") used.embeddingTokens += usage.promptTokens;
      else used.promptTokens += usage.promptTokens;
      used.cachedTokens += usage.cachedTokens;
      used.completionTokens += usage.completionTokens;
      return nano / nanoPerDollar;
    },
    reservePiece(nano) {
      if (nano > nanoFree()) throw tooDear(limits, nanoFree() / nanoPerDollar, 0);
      underWay.nano += nano;
      return { promptTokens: 0, answerTokens: 0, nano };
    },
    settlePiece(reservation, nano) {
      release(reservation);
      [nanoUsed, used.requests] = [nanoUsed + nano, used.requests + 1];
      return nano / nanoPerDollar;
    },
    totals: () => ({ ...used, costUsd: nanoUsed / nanoPerDollar }),
  };
}

function takeFrom(underWay: { nano: number; tokens: number }, reservation: Reservation): void {
  underWay.nano -= reservation.nano;
  underWay.tokens -= reservation.promptTokens + reservation.answerTokens;
}

const next = (promptTokens: number) => `too little for the next request, whose prompt has up to ${promptTokens} tokens`;

const tooDear = ({ costUsd }: BudgetLimits, left: number, promptTokens: number) =>
  new BudgetError(
    "limit-cost",
    `The cost limit of $${costUsd} leaves $${Math.max(0, left).toFixed(4)}: ${next(promptTokens)}.`,
    { advice: 'To go on, run "autogpt --resume" with a higher --max-cost.' },
  );

const tooLong = ({ tokens }: BudgetLimits, left: number, promptTokens: number) =>
  new BudgetError("limit-tokens", `The limit of ${tokens} tokens leaves ${Math.max(0, left)}: ${next(promptTokens)}.`, {
    advice: 'To go on, run "autogpt --resume" with a higher --max-tokens.',
  });
