import * as z from "zod";
import { parseJson } from "../../base/json.js";
import type { RateLimit, RatesHeard } from "../../history/lock/replica.js";

/** One limit, as a bucket that is filled evenly: `fullAt` is when it will be full again, in milliseconds since 1970. */
const limit = z.object({ limit: z.number().min(1), windowMs: z.number().min(1), fullAt: z.number() });
const bucket = z.object({ closedUntil: z.number(), requests: limit.exactOptional(), tokens: limit.exactOptional() });

/** What is known of a server's limits, and how much of them is used. Times by the store's clock. */
export type Bucket = Readonly<z.infer<typeof bucket>>;
type Limit = NonNullable<Bucket["requests"]>;

/** A turn that is further off is not taken: nobody waits for it. */
const mostAheadMs = 60_000;

/** What a store has; nothing is known where that is null, or in a form of another version. */
export const readBucket = (text: string | null): Bucket =>
  bucket.safeParse(text === null ? null : parseJson(text)).data ?? { closedUntil: 0 };

/**
 * Takes a turn for a request of so many tokens: how long to wait before it, and the bucket then. Who has `taken` one waits only while the
 * server refuses everybody.
 */
export function takeTurn(
  before: Bucket,
  now: number,
  { tokens, taken }: { tokens: number; taken: boolean },
): { waitMs: number; bucket: Bucket } {
  const closedMs = Math.max(0, before.closedUntil - now);
  if (taken) return { waitMs: Math.ceil(closedMs), bucket: before };
  const requests = before.requests && used(before.requests, now, 1);
  const ofTokens = before.tokens && used(before.tokens, now, tokens);
  const waits = [requests, ofTokens].map((one) => (one ? one.fullAt - one.windowMs - now : 0));
  const waitMs = Math.ceil(Math.max(0, closedMs, ...waits));
  if (waitMs > mostAheadMs) return { waitMs, bucket: before };
  return {
    waitMs,
    bucket: {
      closedUntil: before.closedUntil,
      ...(requests && { requests }),
      ...(ofTokens && { tokens: ofTokens }),
    },
  };
}

/** A limit of which so much more is used; what is larger than all of it counts as all of it. */
function used(one: Limit, now: number, amount: number): Limit {
  const takes = Math.min(1, amount / one.limit) * one.windowMs;
  return { ...one, fullAt: Math.max(one.fullAt, now) + takes };
}

/** The bucket after a server has said something. What it says is used counts, and so does what was used since it said that. */
export function learn(before: Bucket, now: number, { requests, tokens, closedMs = 0 }: RatesHeard): Bucket {
  const known = (one: RateLimit | undefined, old: Limit | undefined): Limit | undefined =>
    one === undefined
      ? old
      : {
          limit: one.limit,
          windowMs: one.windowMs,
          fullAt: Math.max(old?.fullAt ?? 0, now + ((one.limit - one.remaining) / one.limit) * one.windowMs),
        };
  const [newRequests, newTokens] = [known(requests, before.requests), known(tokens, before.tokens)];
  return {
    closedUntil: Math.max(before.closedUntil, closedMs > 0 ? now + closedMs : 0),
    ...(newRequests && { requests: newRequests }),
    ...(newTokens && { tokens: newTokens }),
  };
}
