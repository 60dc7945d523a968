import type { Totals, Usage } from "./event-parts.js";
import type { JournalEvent } from "./events.js";
import {
  isSettlement,
  openRequests,
  replacedBy,
  type Replaced,
  type Requested,
  type Settlement,
  settlesAnswer,
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

/** Time and money so far, as far as they follow from the events alone. */
export type UsageState = {
  spent: Totals;
  /** How many requests are in `spent` by an estimate. */
  estimates: number;
  /** The request that `held` tells of. */
  waitedFor: Requested | null;
  open: readonly Requested[];
  durationMs: number;
  /** When the process began that wrote the last event, and when it wrote that, in ms since 1970. */
  processStart: number;
  lastTime: number;
  elapsedMs: number | undefined;
};

const noTime: UsageState = {
  spent: emptyTotals(),
  estimates: 0,
  waitedFor: null,
  open: [],
  durationMs: 0,
  processStart: 0,
  lastTime: 0,
  elapsedMs: undefined,
};

/** Adds up time and money; a request that was journalled and never settled counts with all that was reserved for it. */
export interface UsageFold {
  /** Takes the next event of the journal. */
  add(event: JournalEvent): void;
  usage(): RecordedUsage;
  state(): UsageState;
}

/** Begins at the first event of a journal, or behind those that made this state. */
export function foldUsage(from: UsageState = noTime): UsageFold {
  let spent = totalsWith(from.spent, from.estimates);
  let { waitedFor, durationMs, processStart, elapsedMs } = from;
  let lastEvent: string | number = from.lastTime;
  const requests = openRequests(from.open);
  const lastTime = (): number => (typeof lastEvent === "number" ? lastEvent : Date.parse(lastEvent));
  const endProcess = (totals: Totals, rest: readonly Requested[]): void => {
    for (const request of rest) charge(totals, request, wholeOf(request), request.reservedUsd);
    // Older versions wrote the machine's clock alone; one that was set back takes nothing from the time that was used.
    durationMs = elapsedMs ?? durationMs + Math.max(0, lastTime() - processStart);
  };
  return {
    add(event) {
      if (event.type === "run-resumed") endProcess(spent, requests.takeRest());
      if (event.type === "run-start" || event.type === "run-resumed") processStart = Date.parse(event.time);
      lastEvent = event.time;
      elapsedMs = event.elapsedMs;
      if (event.type === "model-requested") {
        spent.requests += 1;
        requests.add(event);
      } else if (event.type === "model-waiting") waitedFor = requests.waitingFor(event) ?? waitedFor;
      else if (isSettlement(event)) {
        takeBack(spent, event);
        charge(spent, requests.settledBy(event), event.usage, event.costUsd);
        if (settlesAnswer(event, waitedFor?.step)) waitedFor = null;
      } else if (event.type === "run-end") {
        spent = totalsWith({ ...emptyTotals(), ...event.usage }, event.usage.estimated ? 1 : 0);
        requests.takeRest();
        waitedFor = null;
      }
    },
    usage() {
      const settled = { ...spent };
      const all = totalsWith(spent, estimatesIn(spent));
      const before = durationMs;
      endProcess(all, requests.all());
      const held = waitedFor && { ...waitedFor, estimatedBesides: estimatesIn(all) > 1 };
      const usage = { spent: all, durationMs, settled, lastTime: lastTime(), held };
      durationMs = before;
      return usage;
    },
    state: () => ({
      ...{ spent: { ...spent }, estimates: estimatesIn(spent), waitedFor, open: [...requests.all()] },
      ...{ durationMs, processStart, lastTime: lastTime(), elapsedMs },
    }),
  };
}

/** The same of all events of a journal at once. */
export function readUsage(events: readonly JournalEvent[]): RecordedUsage {
  const fold = foldUsage();
  for (const event of events) fold.add(event);
  return fold.usage();
}

function totalsWith(given: Totals, estimated: number): Totals {
  const totals = { ...given };
  if (estimated > 0) estimates.set(totals, estimated);
  return totals;
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
  const followed = followSpending();
  for (const event of events) followed.add(event);
  return followed.spending(underWay);
}

/** The same, event by event; to be asked once. */
export function followSpending() {
  const spendings = createSpendings();
  const requests = openRequests();
  const chargeRest = (): void => {
    for (const request of requests.takeRest())
      charge(spendings.for(request), request, wholeOf(request), request.reservedUsd);
  };
  return {
    add(event: JournalEvent): void {
      if (event.type === "model-requested") {
        spendings.for(event).requests += 1;
        requests.add(event);
      } else if (isSettlement(event)) {
        const replaced = replacedBy(event);
        const request = requests.settledBy(event) ?? (replaced && requestOf(event, replaced));
        if (request) takeBack(spendings.for(request), event);
        if (request) charge(spendings.for(request), request, event.usage, event.costUsd);
      } else if (event.type === "run-resumed" || event.type === "run-end") chargeRest();
    },
    spending(underWay: boolean): Spending[] {
      if (!underWay) chargeRest();
      return spendings.all().sort((one, other) => other.totals.costUsd - one.totals.costUsd);
    },
  };
}
