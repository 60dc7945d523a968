import { longestTimer, onAbort, setTimer, type SetTimer } from "../../base/abort.js";
import { FailedRequest } from "./errors.js";

export type Wait = {
  /** Whose answer is waited for, as messages name it. */
  address: string;
  /** The longest silence, in milliseconds. */
  timeoutMs: number;
  /** The clock by which it is measured, the system's unless told. */
  timer?: SetTimer | undefined;
  /** Ends the wait with its reason. */
  signal: AbortSignal;
};

/** A stream may go on for this many times the longest silence. */
const longestStream = 10;

/**
 * Gives a request a signal of its own, so that nothing gathers on the one that lives as long as the run, and ends it
 * after `timeoutMs` in which `alive` was not called; `leave` aborts it as well, when its work needs nothing more. Throws FailedRequest (timeout), or the reason of `signal`.
 */
export async function withinTime<T>(
  { address, timeoutMs, timer = setTimer, signal }: Wait,
  send: (own: AbortSignal, alive: () => void, leave: () => void) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const late: { began: boolean; as: keyof typeof lateness | null } = { began: false, as: null };
  const end = (as: keyof typeof lateness) => {
    late.as ??= as;
    own.abort();
  };
  const wait = () => timer(() => end(late.began ? "stopped" : "silent"), timeoutMs);
  let clearSilence = wait();
  const clearWhole = timer(() => end("endless"), Math.min(timeoutMs * longestStream, longestTimer));
  const alive = () => {
    late.began = true;
    clearSilence();
    clearSilence = wait();
  };
  const leave = (): void => own.abort();
  const stopListening = onAbort(signal, leave);
  try {
    return await send(own.signal, alive, leave);
  } catch (thrown) {
    signal.throwIfAborted();
    throw late.as === null ? thrown : tooLate(address, timeoutMs, late.as);
  } finally {
    clearSilence();
    clearWhole();
    stopListening();
  }
}

const lateness = {
  silent: (seconds: number) => `did not answer within ${seconds} seconds`,
  stopped: (seconds: number) => `stopped in the middle of its answer, for ${seconds} seconds`,
  endless: (seconds: number) => `was not done with its answer after ${seconds * longestStream} seconds`,
};

const tooLate = (address: string, timeoutMs: number, as: keyof typeof lateness) =>
  new FailedRequest("timeout", `${address} ${lateness[as](timeoutMs / 1000)}.`, {
    advice: `OPENAI_TIMEOUT sets how long to wait${as === "endless" ? `: here, ${longestStream} times that.` : "."}`,
    billed: "reservation",
  });
