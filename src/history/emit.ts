import type { Mask } from "../base/mask.js";
import { lineWithSum, sumIn } from "../storage/line-sum.js";
import type { AgentEvent, JournalEvent } from "./events.js";
import { isSyncedType, type JournalEntry, type WriteEntries } from "./run-log.js";

/** Hears of each event once it is in the journal. */
export type Listener = (event: JournalEvent) => void | Promise<void>;
/** Reports what happens; resolves when it is in the journal and every listener has heard of it. */
export type Emit = (event: AgentEvent) => Promise<void>;

export type EmitterOptions = {
  /** The number of the first event. */
  nextSeq: number;
  mask: Mask;
  /** How long the run has worked so far, in whole milliseconds, earlier parts included. */
  elapsedMs(): number;
  write: WriteEntries;
  listeners: readonly Listener[];
};

type Waiting = { event: AgentEvent; told(): void; failed(thrown: unknown): void };

/**
 * Numbers and dates each event, gives it its sum, has it written, and tells the listeners in order, waiting for each: what was not written
 * nobody hears. Events of calls that run at the same time keep one order, and those that are there together are written together, so that
 * one sync serves all of them, and those that have to be on disk say so of each other (`together`); none waits for a later one. Rejects when `write` or a
 * listener does, and for an event that cannot be made a line.
 */
export function createEmitter({ nextSeq, mask, elapsedMs, write, listeners }: EmitterOptions): Emit {
  let seq = nextSeq;
  const waiting: Waiting[] = [];
  let isAtWork = false;
  const entryOf: MakeEntry = (event, number, together) => {
    const envelope = { seq: number, time: new Date().toISOString(), elapsedMs: elapsedMs(), ...together };
    const stamped = { ...envelope, ...mask(event) } as JournalEvent;
    const line = lineWithSum(stamped);
    stamped.sum = sumIn(line);
    return { event: stamped, line };
  };
  const tell = async (event: JournalEvent): Promise<void> => {
    for (const listen of listeners) {
      const heard = listen(event);
      // Most are done at once: to wait for each of them would take longer than they do.
      if (heard !== undefined) await heard;
    }
  };
  const writeAll = async (group: Waiting[]): Promise<void> => {
    const entries = entriesOf(group, seq, entryOf);
    if (entries.length === 0) return;
    const written = write(entries);
    // What is in the journal has used its number, whatever a copy or the listeners make of it.
    seq += entries.length;
    if (written !== undefined) await written;
    for (const [place, { event }] of entries.entries()) {
      const { told, failed } = group[place] as Waiting;
      await tell(event).then(told, failed);
    }
  };
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, countTogether(waiting));
      await writeAll(group).catch((thrown: unknown) => group.forEach(({ failed }) => failed(thrown)));
    }
    isAtWork = false;
  };
  return (event) =>
    new Promise((told, failed) => {
      waiting.push({ event, told, failed });
      if (isAtWork) return;
      isAtWork = true;
      // When all that can go on now has gone on: what it emits comes together.
      process.nextTick(() => void work());
    });
}

type MakeEntry = (event: AgentEvent, seq: number, together: Pick<JournalEvent, "together">) => JournalEntry;

/** What is written of a group. One that cannot be made a line is refused and leaves the group; the others are numbered without it. */
function entriesOf(group: Waiting[], first: number, entryOf: MakeEntry): JournalEntry[] {
  const together = group.filter(isSynced).length > 1 ? { together: first + group.length - 1 } : {};
  const entries: JournalEntry[] = [];
  for (const [place, one] of group.entries()) {
    try {
      entries.push(entryOf(one.event, first + place, isSynced(one) ? together : {}));
    } catch (thrown) {
      one.failed(thrown);
      group.splice(place, 1);
      return entriesOf(group, first, entryOf);
    }
  }
  return entries;
}

const isSynced = (one: Waiting | undefined): boolean => isSyncedType(one?.event.type);

/** How many of the first are written together: nothing behind one that is synced, but for others that are. */
function countTogether(waiting: readonly Waiting[]): number {
  let count = 1;
  while (count < waiting.length && (isSynced(waiting[count]) || !isSynced(waiting[count - 1]))) count += 1;
  return count;
}
