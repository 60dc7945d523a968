import { oneLine, readErrorBody } from "../openai/error-body.js";
import { FailedRequest, RefusedRequest, retryAfterMs } from "./errors.js";
import { ConnectionFailure, isAboutCertificate, isAboutTls, UnexpectedStatus } from "./fetch.js";
import { longestTimer, onAbort, setTimer, type SetTimer } from "../../base/abort.js";

/** The longest silence, and where; `timer` is the clock by which it is measured, the system's unless told. */
type Wait = { address: string; timeoutMs: number; timer?: SetTimer | undefined };

/** A stream may go on for this many times the longest silence. */
const longestStream = 10;

/**
 * Gives a request a signal of its own, so that nothing gathers on the one that lives as long as the run, and ends it
 * after `timeoutMs` in which `alive` was not called. Throws FailedRequest (timeout), or the reason of `signal`.
 */
export async function withinTime<T>(
  { address, timeoutMs, timer = setTimer, signal }: Wait & { signal: AbortSignal },
  send: (own: AbortSignal, alive: () => void) => Promise<T>,
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
  const stopListening = onAbort(signal, () => own.abort());
  try {
    return await send(own.signal, alive);
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
  new FailedRequest(
    "timeout",
    `${address} ${lateness[as](timeoutMs / 1000)}. OPENAI_TIMEOUT sets how long to wait` +
      `${as === "endless" ? `: here, ${longestStream} times that.` : "."}`,
    { mayBeBilled: true },
  );

/** What the client library threw, in our own words. */
export const asFailure =
  ({ address }: Wait) =>
  async (thrown: unknown): Promise<never> => {
    const { APIConnectionError, APIError } = await import("openai");
    if (thrown instanceof APIConnectionError) {
      if (thrown.cause instanceof ConnectionFailure) throw noAnswer(thrown.cause, address);
      if (thrown.cause instanceof UnexpectedStatus) throw oddAnswer(thrown.cause, address);
      throw new FailedRequest("no-connection", `${address} cannot be reached.`, { mayBeBilled: true, cause: thrown });
    }
    if (thrown instanceof APIError && typeof thrown.status === "number") {
      const errorBody = readErrorBody(JSON.stringify({ error: thrown.error }));
      throw new RefusedRequest(thrown.status, errorBody, retryAfterMs(thrown.headers));
    }
    throw thrown instanceof Error ? thrown : new Error(oneLine(String(thrown), undefined));
  };

/** A redirect means that the address is wrong; nothing was done there. */
function oddAnswer({ status, location, errorBody }: UnexpectedStatus, address: string): Error {
  if (status < 300 || status > 399) return new RefusedRequest(status, errorBody, undefined);
  const target = location !== null && URL.canParse(location, address) ? new URL(location, address) : undefined;
  const where = target ? ` to ${oneLine(target.origin + target.pathname, undefined, 200)}` : "";
  return new FailedRequest(
    "refused",
    `${address} has moved${where} (status ${status}), where the key is not sent by itself. If that is right, set ` +
      "OPENAI_API_BASE_URL to the new address, without the part that names the request (/chat/completions or /embeddings).",
    { mayBeBilled: false },
  );
}

/** A stream that broke; whatever else was thrown stays what it is. */
export const cutOffFailure = (thrown: unknown, { address }: Wait): unknown =>
  thrown instanceof ConnectionFailure ? noAnswer(thrown, address) : thrown;

function noAnswer(failure: ConnectionFailure, address: string): FailedRequest {
  const { code, sent } = failure;
  if (code === "TOO_LARGE") {
    return new FailedRequest("not-a-completion", `${address} sent an answer of more than 20 MB.`, {
      mayBeBilled: true,
    });
  }
  const how = sent ? "The connection broke before the answer was complete" : "No connection could be made";
  const advice = sent ? usualAdvice : adviceFor(code);
  return new FailedRequest("no-connection", `${address}: ${how} (${code}). ${advice}`, { mayBeBilled: sent });
}

const usualAdvice = "Check the network and OPENAI_API_BASE_URL.";

/** What to do where no connection came about. */
function adviceFor(code: string): string {
  if (isAboutTls(code)) return "The server does not speak TLS there: does OPENAI_API_BASE_URL begin with http://?";
  if (!isAboutCertificate(code)) return usualAdvice;
  return (
    "The server's certificate is not trusted here: check OPENAI_API_BASE_URL, or name the file of a certificate that " +
    "vouches for it in NODE_EXTRA_CA_CERTS, in the environment (not in .env)."
  );
}
