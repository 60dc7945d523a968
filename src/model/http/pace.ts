import { createHash } from "node:crypto";
import { sleep, type SetTimer } from "../../base/abort.js";
import type { RateLimit, RatesHeard, Replica } from "../../history/lock/replica.js";
import { momentOrDuration, type ResponseHeaders } from "./asked-wait.js";
import { FailedRequest, RefusedRequest } from "./errors.js";

/** Keeps the requests of several runs to one server within its limits, as far as it tells them. */
export type Pace = Pick<Replica, "turn" | "heard">;

/** Longer waits are told as a refusal of the server would be: the run decides what to do with them. */
const mostWaitMs = 60_000;
/** How long a server is left alone that says no more than that there were too many requests. */
const unknownWaitMs = 1_000;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const bytesPerToken = 4;

type PacedBody = { model: string; [parameter: string]: unknown };
export type PacedServer = { address: string; apiKey: string | undefined; timer?: SetTimer | undefined };

/**
 * Sends a request when it is its turn, and tells the others what its answer says of limits. `send` hands over the headers of an answer.
 * Throws what `send` throws, FailedRequest (rate-limit) where the turn is far off, or the reason of the signal.
 */
export async function paced<Answer>(
  pace: Pace,
  { address, apiKey, timer }: PacedServer,
  body: PacedBody,
  signal: AbortSignal,
  send: (onHeaders: (headers: ResponseHeaders) => void) => Promise<Answer>,
): Promise<Answer> {
  // Limits are those of a model, for a key.
  const name = createHash("sha256")
    .update([address, apiKey ?? "", body.model].join("\n"))
    .digest("hex")
    .slice(0, 32);
  const tokens = tokensOf(body);
  for (let taken = false; ; taken = true) {
    const waitMs = await pace.turn(name, tokens, taken);
    signal.throwIfAborted();
    if (waitMs === 0) break;
    if (waitMs > mostWaitMs)
      throw new FailedRequest(
        "rate-limit",
        `${address}: the limit that all runs of the fleet share leaves no room for ${body.model} for ${Math.ceil(waitMs / 1000)} s.`,
        { retryAfterMs: waitMs },
      );
    await sleep(waitMs, signal, timer);
  }
  const tell = async (rates: RatesHeard): Promise<void> => {
    // Who cannot be told finds out from the server.
    if (Object.keys(rates).length > 0) await pace.heard(name, rates).catch(() => undefined);
  };
  let told: Promise<void> | undefined;
  try {
    const answer = await send((headers) => void (told = tell(ratesIn(headers))));
    await told;
    return answer;
  } catch (thrown) {
    if (thrown instanceof RefusedRequest && thrown.status === 429)
      await tell({ closedMs: thrown.retryAfterMs ?? unknownWaitMs });
    throw thrown;
  }
}

/** What a server counts before it answers: the longer of prompt and the most that it may answer. */
function tokensOf(body: PacedBody): number {
  const most = [body["max_completion_tokens"], body["max_tokens"], body["max_output_tokens"]].find(
    (limit) => typeof limit === "number",
  );
  return Math.max(1, Math.ceil(JSON.stringify(body).length / bytesPerToken), (most as number | undefined) ?? 0);
}

/** What the headers of an answer say of limits, as OpenAI writes them (`x-ratelimit-limit-requests`) and others after it. */
export function ratesIn(headers: ResponseHeaders, now = Date.now()): RatesHeard {
  const requests = rateOf("requests", headers, now);
  const tokens = rateOf("tokens", headers, now);
  return { ...(requests && { requests }), ...(tokens && { tokens }) };
}

function rateOf(what: "requests" | "tokens", headers: ResponseHeaders, now: number): RateLimit | undefined {
  const number = (name: string): number => Number(headers.get(`x-ratelimit-${name}-${what}`) ?? NaN);
  const [limit, remaining] = [number("limit"), number("remaining")];
  if (!(limit >= 1) || !(remaining >= 0)) return undefined;
  // What is used is there again after this time; so is all of it after a time in proportion. Some limits are those of a day.
  const resetMs = momentOrDuration(headers.get(`x-ratelimit-reset-${what}`) ?? "", now);
  const used = limit - remaining;
  const windowMs = resetMs !== undefined && resetMs > 0 && used > 0 ? (resetMs * limit) / used : minuteMs;
  return { limit, remaining: Math.min(remaining, limit), windowMs: Math.min(dayMs, Math.max(1_000, windowMs)) };
}
