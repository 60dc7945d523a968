import { isSettlement, openRequests, replacedBy } from "../../history/open-requests.js";
import type { JournalEvent } from "../../history/events.js";
import { nanoOf } from "../../history/totals.js";

/** What a run has cost, and what its requests under way may still cost, in nano-dollars; read from its journal. */
export type Spending = {
  follow(event: JournalEvent): void;
  /** Counts what a request may cost at most, until the journal has that request. */
  reserve(nano: number): void;
  /** What was reserved and is not in the journal was never asked for. */
  forgetReserved(): void;
  settled(): number;
  /** With all that is set aside. */
  total(): number;
};

/** `events` are those of the journal so far. */
export function openSpending(events: readonly JournalEvent[]): Spending {
  const requests = openRequests();
  let [settled, open, reserved] = [0, 0, 0];
  /** A request whose process was killed counts as spent: nobody knows what it took. */
  const endProcess = (): void => {
    for (const { reservedUsd } of requests.takeRest()) settled += nanoOf(reservedUsd);
    open = 0;
  };
  const spending: Spending = {
    follow(event) {
      if (event.type === "model-requested") {
        requests.add(event);
        open += nanoOf(event.reservedUsd);
        reserved = Math.max(0, reserved - nanoOf(event.reservedUsd));
      } else if (isSettlement(event)) {
        settled += nanoOf(event.costUsd) - nanoOf(replacedBy(event)?.reservedUsd ?? 0);
        open -= nanoOf(requests.settledBy(event)?.reservedUsd ?? 0);
      } else if (event.type === "run-resumed") endProcess();
      else if (event.type === "run-end") {
        endProcess();
        settled = nanoOf(event.usage.costUsd);
      }
    },
    reserve: (nano) => void (reserved += nano),
    forgetReserved: () => void (reserved = 0),
    settled: () => settled,
    total: () => settled + open + reserved,
  };
  for (const event of events) spending.follow(event);
  return spending;
}
