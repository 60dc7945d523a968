import { onAbort } from "../../base/abort.js";
import { after, bothClocks, isHeld, type HeldUntil } from "../child/messages.js";
import { StoreDownError, type RunStore } from "../store/run-store.js";

/** A run that is this worker's until it is another's, or was not held in time. */
export type Lease = {
  run: string;
  epoch: number;
  /** Until when the run is held for certain. */
  until(): HeldUntil;
  /** Is aborted once it is not, and at the latest then. */
  lost: AbortSignal;
  /** Lets go of the run; nothing may be done for it any more. Never rejects. */
  release(): Promise<void>;
};

export type LeaseOptions = {
  store: Pick<RunStore, "acquire" | "renew" | "release">;
  run: string;
  /** Who holds it, for people. */
  holder: string;
  /** For how long the store gives the run away at a time. */
  milliseconds: number;
  /** Is told whenever it is held for longer. */
  onHeld?(until: HeldUntil): void;
  /** Is aborted when its holder is to end: from then on it is held for a few seconds at a time. */
  ending?: AbortSignal;
};

/** For how long at a time, in milliseconds, a run is held by whoever is to end: where the store is away, it does not wait for it for longer. */
const endingMs = 5_000;

/** Whoever holds a run stops a little before the store gives it to somebody else: clocks do not run at quite the same speed. */
const marginOf = (milliseconds: number): number => milliseconds / 10;

/**
 * Takes a run and holds on to it. While the store is away it is tried again until the run is no longer held for certain. Resolves to what
 * `acquire` said where it is not to be had.
 */
export async function takeLease(options: LeaseOptions): Promise<Lease | "held" | "missing"> {
  const { store, run, holder, milliseconds } = options;
  const asked = bothClocks();
  const taken = await store.acquire(run, holder, milliseconds);
  return typeof taken === "string" ? taken : holdOn(options, taken.epoch, asked);
}

function holdOn({ store, run, milliseconds, onHeld, ending }: LeaseOptions, epoch: number, taken: HeldUntil): Lease {
  const usualMs = milliseconds - marginOf(milliseconds);
  const heldMs = (): number => (ending?.aborted ? Math.min(usualMs, endingMs) : usualMs);
  const term = createTerm(after(taken, heldMs()));
  let next: NodeJS.Timeout | undefined;
  let last = 0;
  const renewAfter = (pause: number): void => {
    next = setTimeout(() => void renew(), pause);
  };
  const renew = async (): Promise<void> => {
    const number = (last += 1);
    const asked = bothClocks();
    try {
      const isOurs = await store.renew(run, epoch, milliseconds);
      if (term.lost.aborted) return;
      if (!isOurs) return term.end();
      if (number !== last) return;
      const until = after(asked, heldMs());
      term.extend(until);
      onHeld?.(until);
      renewAfter(heldMs() / 3);
    } catch (thrown) {
      if (term.lost.aborted) return;
      if (!(thrown instanceof StoreDownError)) return term.end();
      if (number === last) renewAfter(Math.min(1_000, milliseconds / 20));
    }
  };
  const stopListening = onAbort(ending, () => {
    clearTimeout(next);
    const soon = after(bothClocks(), heldMs());
    if (soon.monotonicMs < term.until().monotonicMs) term.extend(soon);
    void renew();
  });
  const stop = (): void => {
    clearTimeout(next);
    stopListening();
  };
  term.lost.addEventListener("abort", stop, { once: true });
  if (!ending?.aborted) renewAfter(heldMs() / 3);
  return {
    ...{ run, epoch, lost: term.lost, until: term.until },
    async release() {
      const wasOurs = !term.lost.aborted;
      term.end();
      if (wasOurs) await store.release(run, epoch).catch(() => undefined);
    },
  };
}

/** A time that ends by the clocks, unless it is extended before. */
function createTerm(first: HeldUntil) {
  const over = new AbortController();
  let until = first;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(timer);
    over.abort();
  };
  /** A process that was stopped comes here late: what counts are the clocks. */
  const watch = (): void => {
    clearTimeout(timer);
    const now = bothClocks();
    const left = Math.min(until.monotonicMs - now.monotonicMs, until.dayMs - now.dayMs);
    timer = setTimeout(() => (isHeld(until) ? watch() : end()), Math.max(left, 0));
  };
  watch();
  return {
    lost: over.signal,
    until: () => until,
    end,
    extend(later: HeldUntil) {
      until = later;
      watch();
    },
  };
}
