import type { Mask } from "../base/mask.js";
import { lineWithSum, sumIn } from "../storage/line-sum.js";
import type { AgentEvent, JournalEvent } from "./events.js";

/** Hears of each event once it is in the journal, and of the line that it is there, without its newline. */
export type Listener = (event: JournalEvent, line?: string) => void | Promise<void>;
/** Reports what happens; resolves when every listener has heard of it. */
export type Emit = (event: AgentEvent) => Promise<void>;

export type EmitterOptions = {
  /** The number of the first event. */
  nextSeq: number;
  mask: Mask;
  /** How long the run has worked so far, in whole milliseconds, earlier parts included. */
  elapsedMs(): number;
  listeners: readonly Listener[];
};

/**
 * Numbers and dates each event, gives it its sum, and tells the listeners in order, waiting for each: what the first one (the journal) has
 * not written, nobody else hears. Events of calls that run at the same time keep one order. Rejects when a listener does.
 */
export function createEmitter({ nextSeq, mask, elapsedMs, listeners }: EmitterOptions): Emit {
  let seq = nextSeq;
  let last: Promise<void> = Promise.resolve();
  const tell = async (event: AgentEvent): Promise<void> => {
    const time = new Date().toISOString();
    const stamped = { seq, time, elapsedMs: elapsedMs(), ...mask(event) } as JournalEvent;
    const line = lineWithSum(stamped);
    stamped.sum = sumIn(line);
    let isFirst = true;
    for (const listen of listeners) {
      const heard = listen(stamped, line);
      // Most are done at once: to wait for each of them would take longer than they do.
      if (heard !== undefined) await heard;
      // What is in the journal has used its number, whatever the other listeners make of it.
      if (isFirst) seq += 1;
      isFirst = false;
    }
  };
  return (event) => {
    const told = last.then(() => tell(event));
    last = told.catch(() => undefined);
    return told;
  };
}
