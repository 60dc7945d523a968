import { once, EventEmitter } from "node:events";
import type { SetTimer } from "../../src/base/abort.js";

export type ManualClock = {
  timer: SetTimer;
  /** Lets so many milliseconds pass: what is due by then is called, in the order in which it is due. */
  advance(milliseconds: number): void;
  /** Resolves when a timer is set the next time. */
  nextTimer(): Promise<void>;
};

/** A clock that stands still until it is told to go on. */
export function manualClock(): ManualClock {
  const due = new Set<{ at: number; call: () => void }>();
  const news = new EventEmitter();
  let now = 0;
  return {
    timer(call, milliseconds) {
      const entry = { at: now + milliseconds, call };
      due.add(entry);
      news.emit("timer");
      return () => void due.delete(entry);
    },
    advance(milliseconds) {
      now += milliseconds;
      for (const entry of [...due].filter(({ at }) => at <= now).sort((one, other) => one.at - other.at)) {
        if (due.delete(entry)) entry.call();
      }
    },
    nextTimer: () => once(news, "timer").then(() => undefined),
  };
}
