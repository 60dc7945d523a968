import type { Totals, Usage } from "./event-parts.js";
import type { JournalEvent } from "./events.js";
import {
  isSettlement,
  openRequests,
  replacedBy,
  type Replaced,
  type Requested,
  type Settlement,
} from "./open-requests.js";
import { addUsage, emptyTotals, isUsed, nanoOf, nanoPerDollar, noUsage } from "./totals.js";

export type RecordedUsage = {
  /** What was spent, with every reservation that was never settled counted as spent. */
  spent: Totals;
  /** How long the run's processes worked, in milliseconds. */
  durationMs: number;
  /** The same while a process works on the run: without what is only reserved for requests that are under way. */
  settled: Totals;
  /** When the last event was written, in ms since 1970. */
  lastTime: number;
  /** What counts in `spent` for an answer that is still waited for; null where none is. */
  held: Held | null;
};

/** `estimatedBesides`: other requests were counted by an estimate as well. */
export type Held = Replaced & { estimatedBesides: boolean };

/** Adds up time and money; a request that was journalled and never settled counts with all that was reserved for it. */
export function readUsage(events: readonly JournalEvent[]): RecordedUsage {
  let spent = emptyTotals();
  let held: Requested | null = null;
  let durationMs = 0;
  const requests = openRequests();
  let processStart = 0;
  let lastTime = 0;
  let elapsedMs: number | undefined;
  const pay = (request: Requested | undefined, usage: Usage, costUsd: number): void =>
    charge(spent, request, usage, costUsd);
  const endProcess = (): void => {
    for (const request of requests.takeRest()) pay(request, wholeOf(request), request.reservedUsd);
    // Older versions wrote the machine's clock alone; one that was set back takes nothing from the time that was used.
    durationMs = elapsedMs ?? durationMs + Math.max(0, lastTime - processStart);
  };
  for (const event of events) {
    const time = Date.parse(event.time);
    if (event.type === "run-resumed") endProcess();
    if (event.type === "run-start" || event.type === "run-resumed") processStart = time;
    lastTime = time;
    elapsedMs = event.elapsedMs;
    if (event.type === "model-requested") {
      spent.requests += 1;
      requests.add(event);
    } else if (event.type === "model-waiting") held = requests.waitingFor(event) ?? held;
    else if (isSettlement(event)) {
      takeBack(spent, event);
      pay(requests.settledBy(event), event.usage, event.costUsd);
      if (event.type !== "model-replied" || event.purpose === "think") held = null;
    } else if (event.type === "run-end") {
      spent = { ...emptyTotals(), ...event.usage };
      estimates.set(spent, spent.estimated ? 1 : 0);
      requests.takeRest();
      held = null;
    }
  }
  const settled = { ...spent };
  endProcess();
  const estimatedBesides = estimatesIn(spent) > 1;
  return { spent, durationMs, settled, lastTime, held: held && { ...held, estimatedBesides } };
}

/** How many requests are in totals by an estimate. */
const estimates = new WeakMap<Totals, number>();
const estimatesIn = (totals: Totals): number => estimates.get(totals) ?? 0;

/** Takes what an event replaces, if anything, out of totals in which it counted as spent, and as an estimate. */
export function takeBack(totals: Totals, event: JournalEvent): void {
  const replaced = replacedBy(event);
  if (replaced === undefined) return;
  totals.costUsd = nanoOf(totals.costUsd - replaced.reservedUsd) / nanoPerDollar;
  totals.promptTokens -= replaced.reservedTokens;
  // It was the estimate that is known by now.
  estimates.set(totals, estimatesIn(totals) - 1);
  if (estimatesIn(totals) <= 0) delete totals.estimated;
}

/** What a request counts for whose end nobody knows: all that was reserved for it. */
export const wholeOf = ({ reservedTokens }: Requested): Usage => ({
  ...noUsage,
  promptTokens: reservedTokens,
  estimated: true,
});

/** Adds what a request took to totals; of one that is not on record its kind is not known. */
export function charge(totals: Totals, request: Partial<Requested> | undefined, usage: Usage, costUsd: number): void {
  totals.costUsd += costUsd;
  addUsage(totals, usage, request?.purpose === "embedding");
  if (usage.estimated) estimates.set(totals, estimatesIn(totals) + 1);
  if (request?.unpriced && isUsed(usage)) totals.unpriced = true;
}

/** The request that an answer belongs to which was fetched after a kill. */
export const requestOf = (event: Settlement, { model }: Replaced): Pick<Requested, "model" | "purpose"> => ({
  model,
  purpose: event.type === "model-replied" ? event.purpose : "think",
});

/** What one model took for one purpose. */
export type Spending = { model: string; purpose: string; totals: Totals };

/** What each model took for each purpose so far, in the order in which they were first asked. */
export interface Spendings {
  /** The totals of this model and purpose, to be added to. */
  for(request: Pick<Requested, "model" | "purpose">): Totals;
  all(): Spending[];
}

export function createSpendings(): Spendings {
  const spendings = new Map<string, Spending>();
  return {
    for({ model, purpose }) {
      const key = JSON.stringify([model, purpose]);
      const spending = spendings.get(key) ?? { model, purpose, totals: emptyTotals() };
      spendings.set(key, spending);
      return spending.totals;
    },
    all: () => [...spendings.values()],
  };
}

/**
 * What each model took for each purpose, the dearest first. A request whose end is not in the journal counts with all
 * that was reserved for it, also where the run has ended; with `underWay`, those that a process waits for do not.
 */
export function spendingOf(events: readonly JournalEvent[], underWay = false): Spending[] {
  const spendings = createSpendings();
  const requests = openRequests();
  const chargeRest = (): void => {
    for (const request of requests.takeRest())
      charge(spendings.for(request), request, wholeOf(request), request.reservedUsd);
  };
  for (const event of events) {
    if (event.type === "model-requested") {
      spendings.for(event).requests += 1;
      requests.add(event);
    } else if (isSettlement(event)) {
      const replaced = replacedBy(event);
      const request = requests.settledBy(event) ?? (replaced && requestOf(event, replaced));
      if (request) takeBack(spendings.for(request), event);
      if (request) charge(spendings.for(request), request, event.usage, event.costUsd);
    } else if (event.type === "run-resumed" || event.type === "run-end") chargeRest();
  }
  if (!underWay) chargeRest();
  return spendings.all().sort((one, other) => other.totals.costUsd - one.totals.costUsd);
}
