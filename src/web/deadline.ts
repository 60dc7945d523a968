import { WebError } from "./web-error.js";

/** Longer timers end at once. */
const longestTimer = 2 ** 31 - 1;

/**
 * Runs work under a signal of its own, which ends with `signal` and after `milliseconds`. The wait is over then, whether
 * the work heeds the signal or not: it throws the reason of `signal`, or a WebError that says `what` took too long.
 */
export async function withDeadline<Result>(
  { milliseconds, signal, what }: { milliseconds: number; signal: AbortSignal; what: string },
  work: (own: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const own = new AbortController();
  const late = new WebError("too-slow", `${what} took longer than ${milliseconds / 1000} seconds and was stopped.`);
  const stop = () => own.abort(signal.reason);
  const timer = setTimeout(() => own.abort(late), Math.min(milliseconds, longestTimer));
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(own.signal), aborted(own.signal)]);
  } catch (thrown) {
    // Whatever the work made of being stopped, the reason is the one that counts.
    throw own.signal.aborted ? own.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    // What is still under way has nobody waiting for it any more.
    own.abort();
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
