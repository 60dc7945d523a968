import assert from "node:assert/strict";
import { test } from "node:test";
import { learn, readBucket, takeTurn, type Bucket } from "../../../src/fleet/pace/bucket.js";
import { ratesIn } from "../../../src/model/http/pace.js";
import fc from "../../support/properties.js";

const nothing = readBucket(null);
const minute = 60_000;

/** Takes turns of one request each until one has to wait. */
function turnsAtOnce(bucket: Bucket, now: number, tokens: number): { count: number; waitMs: number } {
  for (let count = 0; count < 10_000; count++) {
    const taken = takeTurn(bucket, now, { tokens, taken: false });
    if (taken.waitMs > 0) return { count, waitMs: taken.waitMs };
    bucket = taken.bucket;
  }
  return { count: Infinity, waitMs: 0 };
}

test("where a server has said nothing of limits nobody waits", () => {
  assert.equal(turnsAtOnce(nothing, 1_000, 1_000_000).count, Infinity);
  assert.equal(turnsAtOnce(readBucket("{of another version}"), 1_000, 1).count, Infinity);
});

test("a limit of requests lets as many through at once, and then one after the other", () => {
  const known = learn(nothing, 0, { requests: { limit: 60, remaining: 60, windowMs: minute } });
  assert.deepEqual(turnsAtOnce(known, 0, 1), { count: 60, waitMs: 1_000 });
  const half = learn(nothing, 0, { requests: { limit: 60, remaining: 30, windowMs: minute } });
  assert.deepEqual(turnsAtOnce(half, 0, 1), { count: 30, waitMs: 1_000 });
  assert.deepEqual(turnsAtOnce(half, minute, 1), { count: 60, waitMs: 1_000 });
});

test("a limit of tokens counts what a request may take; one that is larger than all of it waits until nothing is used", () => {
  const known = learn(nothing, 0, { tokens: { limit: 10_000, remaining: 10_000, windowMs: minute } });
  assert.deepEqual(turnsAtOnce(known, 0, 2_500), { count: 4, waitMs: 15_000 });
  assert.deepEqual(turnsAtOnce(known, 0, 99_999), { count: 1, waitMs: minute });
});

test("what a server says late takes nothing back that was used since", () => {
  let known = learn(nothing, 0, { requests: { limit: 10, remaining: 9, windowMs: minute } });
  for (let count = 0; count < 9; count++) known = takeTurn(known, 0, { tokens: 1, taken: false }).bucket;
  const late = learn(known, 100, { requests: { limit: 10, remaining: 8, windowMs: minute } });
  assert.ok(takeTurn(late, 100, { tokens: 1, taken: false }).waitMs > 0);
});

test("where a server says that less is left than was thought, that counts: others use the key, or its limit has become smaller", () => {
  const known = learn(nothing, 0, { requests: { limit: 60, remaining: 59, windowMs: minute } });
  for (const [limit, remaining] of [
    [60, 2],
    [10, 2],
    [10, 0],
  ] as const) {
    const less = learn(known, 1_000, { requests: { limit, remaining, windowMs: minute } });
    assert.equal(turnsAtOnce(less, 1_000, 1).count, remaining, `${remaining} of ${limit}`);
  }
});

test("a server that refuses is left alone by all, those too that had a turn; a turn that is far off is not taken", () => {
  const closed = learn(nothing, 5_000, { closedMs: 7_000 });
  assert.equal(takeTurn(closed, 6_000, { tokens: 1, taken: true }).waitMs, 6_000);
  assert.equal(takeTurn(closed, 6_000, { tokens: 1, taken: false }).waitMs, 6_000);
  assert.equal(takeTurn(closed, 12_000, { tokens: 1, taken: false }).waitMs, 0);
  const day = learn(nothing, 0, { requests: { limit: 10, remaining: 0, windowMs: 86_400_000 } });
  const far = takeTurn(day, 0, { tokens: 1, taken: false });
  assert.ok(far.waitMs > minute);
  assert.equal(far.bucket, day);
});

test("in no window more turns begin than its limit and what was left of the one before", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 }),
      (limit, pauses) => {
        let bucket = learn(nothing, 0, { requests: { limit, remaining: limit, windowMs: minute } });
        let now = 0;
        const begun: number[] = [];
        for (const pause of pauses) {
          now += pause;
          const { waitMs, bucket: next } = takeTurn(bucket, now, { tokens: 1, taken: false });
          if (next !== bucket) begun.push(now + waitMs);
          bucket = next;
        }
        for (const from of begun) {
          const within = begun.filter((time) => time >= from && time < from + minute).length;
          assert.ok(within <= 2 * limit, `${within} of ${limit}`);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("limits are read from the headers of OpenAI and others, with the time that they are for", () => {
  const headers = (given: Record<string, string>) => ratesIn(new Map(Object.entries(given)));
  assert.deepEqual(
    headers({
      "x-ratelimit-limit-requests": "14400",
      "x-ratelimit-remaining-requests": "14370",
      "x-ratelimit-reset-requests": "3m0s",
      "x-ratelimit-limit-tokens": "18000",
      "x-ratelimit-remaining-tokens": "17997",
      "x-ratelimit-reset-tokens": "10ms",
    }),
    {
      requests: { limit: 14_400, remaining: 14_370, windowMs: 86_400_000 },
      tokens: { limit: 18_000, remaining: 17_997, windowMs: minute },
    },
  );
  assert.deepEqual(headers({ "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "60" }), {
    requests: { limit: 60, remaining: 60, windowMs: minute },
  });
  assert.deepEqual(headers({ "x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "x" }), {});
});
