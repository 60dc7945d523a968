/** The longest delay that `setTimeout` takes, in milliseconds; it fires at once for a longer one (32-bit overflow). */
export const longestTimer = 2 ** 31 - 1;

/** Sets a timer that calls back once after so many milliseconds, and returns what clears it. */
export type SetTimer = (call: () => void, milliseconds: number) => () => void;

/** The system's clock. */
export const setTimer: SetTimer = (call, milliseconds) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

/** The system's clock, for which no process waits. */
export const unheldTimer: SetTimer = (call, milliseconds) => {
  const timer = setTimeout(call, milliseconds).unref();
  return () => clearTimeout(timer);
};

/** Calls `act` once when the signal is aborted, at once where it is already. Returns what stops listening to it. */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted) act();
  if (signal === undefined || signal.aborted) return () => undefined;
  signal.addEventListener("abort", act, { once: true });
  return () => signal.removeEventListener("abort", act);
}

/**
 * A signal for one piece of work that is aborted with the first of these, for the same reason; `release`, when the work is done, stops listening to them. It is for
 * libraries, which listen to what they are given and often never stop: Node keeps what `AbortSignal.any` makes as long as somebody
 * listens to it, although nobody could abort it any more.
 */
export function joinSignals(signals: readonly AbortSignal[]): { signal: AbortSignal; release(): void } {
  const joined = new AbortController();
  const releases = signals.map((signal) => onAbort(signal, () => joined.abort(signal.reason)));
  return { signal: joined.signal, release: () => releases.forEach((release) => release()) };
}

/** Waits for work that cannot be aborted itself, but no longer than until the signal is: then throws its reason. */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stopListening = onAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stopListening();
  }
}

/** Waits this many milliseconds, however many they are. Throws the reason of the signal as soon as it is aborted. */
export async function sleep(milliseconds: number, signal: AbortSignal, timer: SetTimer = setTimer): Promise<void> {
  for (let left = milliseconds; left > 0 && !signal.aborted; left -= longestTimer) {
    await new Promise<void>((resolve) => {
      const clear = timer(
        () => {
          stopListening();
          resolve();
        },
        Math.min(left, longestTimer),
      );
      const stopListening = onAbort(signal, () => {
        clear();
        resolve();
      });
    });
  }
  signal.throwIfAborted();
}
