import { WebError } from "./web-error.js";
import { longestTimer, onAbort, untilAborted } from "../base/abort.js";

/**
 * Runs work under a signal of its own, which ends with `signal` and after `milliseconds`. It is not
 * waited for after that, even if it ignores its signal. Throws the reason of `signal`, or a WebError that says `what` took
 * too long.
 */
export async function withDeadline<Result>(
  { milliseconds, signal, what }: { milliseconds: number; signal: AbortSignal; what: string },
  work: (own: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const own = new AbortController();
  const late = new WebError("too-slow", `${what} took longer than ${milliseconds / 1000} seconds and was stopped.`);
  const timer = setTimeout(() => own.abort(late), Math.min(milliseconds, longestTimer));
  const stopListening = onAbort(signal, () => own.abort(signal.reason));
  try {
    return await untilAborted(work(own.signal), own.signal);
  } catch (thrown) {
    // Work that was stopped may throw anything; the reason is what counts.
    throw own.signal.aborted ? own.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    stopListening();
    // Nobody waits any more for what the work may still be doing.
    own.abort();
  }
}
