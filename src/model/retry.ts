import { mayPass, messageForPerson, ModelError } from "../errors.js";
import type { Usage } from "../history/event-parts.js";
import { noUsage } from "../history/totals.js";
import { FailedRequest, type Charge } from "./http/errors.js";
import type { Call, EmitModelEvent, Model } from "./model.js";
import { sleep } from "../base/abort.js";

export type RetryOptions = {
  /** How often a request is repeated that failed through no fault of its own. */
  retries: number;
  emit: EmitModelEvent;
  /** The first wait, and the longest without a word from the server, in milliseconds. */
  baseMs?: number;
  capMs?: number;
};

/** The longest that a server's Retry-After is followed. */
const longestWait = 5 * 60_000;

/**
 * Repeats requests that may succeed the next time: failures that pass, after a growing wait or the server's
 * Retry-After; refused parameters that are left out, at once; other refused requests, once. The wait ends with the
 * signal. `model-retry` is emitted before each wait, and `model-failed` before giving up, with what the failed attempt
 * costs.
 */
export const withRetry = <Request extends Call, Given extends { usage: Usage }>(
  model: Model<Request, Given>,
  options: RetryOptions,
): Model<Request, Given> => ({
  name: model.name,
  send: (request) => retrying(options, request, () => model.send(request)),
});

type Failures = { passing: number; refused: number };

async function retrying<Given>(options: RetryOptions, call: Call, send: () => Promise<Given>): Promise<Given> {
  const failures: Failures = { passing: 0, refused: 0 };
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (thrown) {
      call.signal.throwIfAborted();
      if (!(thrown instanceof ModelError)) throw thrown;
      const waitMs = nextWait(thrown, failures, options);
      if (waitMs === undefined) {
        await options.emit({
          type: "model-failed",
          step: call.step,
          problem: messageForPerson(thrown),
          ...chargeOf(thrown),
        });
        throw finalError(thrown, attempt);
      }
      await pause(options, call, thrown, { attempt, waitMs });
    }
  }
}

/** How long to wait before the next attempt; undefined where none is worth making. */
function nextWait(error: ModelError, failures: Failures, options: RetryOptions): number | undefined {
  const { baseMs = 500, capMs = 30_000 } = options;
  const facts = error instanceof FailedRequest ? error : undefined;
  if (facts?.adapted) {
    failures.refused++;
    return 0;
  }
  if (error.kind === "bad-parameter") return failures.refused++ === 0 ? baseMs : undefined;
  if (!mayPass(error) || failures.passing >= options.retries) return undefined;
  const growing = Math.min(capMs, baseMs * 2 ** failures.passing++);
  // Up to half is left to chance, so that many clients do not come back together.
  return Math.min(longestWait, facts?.retryAfterMs ?? growing * (0.5 + Math.random() / 2));
}

async function pause(
  { emit }: RetryOptions,
  { step, signal }: Call,
  error: ModelError,
  { attempt, waitMs }: { attempt: number; waitMs: number },
): Promise<void> {
  const wait = Math.round(waitMs);
  await emit({
    type: "model-retry",
    step,
    attempt,
    waitMs: wait,
    problem: messageForPerson(error),
    ...chargeOf(error),
  });
  await sleep(wait, signal);
}

/** What the governor has settled the failed attempt for. */
function chargeOf(error: ModelError): Charge {
  return (error instanceof FailedRequest ? error.charge : undefined) ?? { usage: noUsage, costUsd: 0 };
}

/** The last error, with how often was tried. */
function finalError(error: ModelError, attempts: number): ModelError {
  if (attempts === 1 && !mayPass(error)) return error;
  const tried = attempts === 1 ? "It was tried once." : `It was tried ${attempts} times.`;
  const { kind, message, advice } = error;
  return new ModelError(kind, `${message} ${tried}`, { cause: error, advice: advice ?? undefined });
}
