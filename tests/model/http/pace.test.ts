import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import type { SetTimer } from "../../../src/base/abort.js";
import { sharedPace } from "../../../src/fleet/pace/shared-pace.js";
import { RefusedRequest, FailedRequest } from "../../../src/model/http/errors.js";
import { createModelServer } from "../../../src/model/http/server.js";
import { bodyOf, closeServer, listenLocally } from "../../support/services/local-server.js";

/** Far longer than any wait of these tests, so that a clock can tell the two apart. */
const timeoutMs = 1_000_000;

/** A clock that stands still while anybody who uses it is at work, and goes on to the next wait's end once all of them wait. */
function sharedClock() {
  const waits = new Set<{ at: number; end: () => void }>();
  let [now, atWork] = [0, 0];
  const goOn = (): void => {
    const [next] = [...waits].sort((one, other) => one.at - other.at);
    if (atWork > 0 || next === undefined) return;
    waits.delete(next);
    now = next.at;
    atWork += 1;
    next.end();
  };
  const timer: SetTimer = (end, milliseconds) => {
    if (milliseconds >= timeoutMs) return () => undefined;
    const wait = { at: now + milliseconds, end };
    waits.add(wait);
    atWork -= 1;
    queueMicrotask(goOn);
    return () => {
      if (waits.delete(wait)) atWork += 1;
    };
  };
  const using = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    atWork += 1;
    try {
      return await work();
    } finally {
      atWork -= 1;
      goOn();
    }
  };
  return { now: () => now, timer, using };
}

/** A server that answers so many requests at once, fills up evenly in a second, and refuses the others. */
async function limitedServer(t: TestContext, limit: number) {
  const clock = sharedClock();
  let [fullAt, answered, refused] = [0, 0, 0];
  const server = createServer((request, response) => {
    void bodyOf(request).then(() => {
      const now = clock.now();
      const after = Math.max(fullAt, now) + 1_000 / limit;
      const isOver = after - now > 1_000;
      if (!isOver) fullAt = after;
      const usedMs = Math.max(0, fullAt - now);
      const headers = {
        "content-type": "application/json",
        "x-ratelimit-limit-requests": String(limit),
        "x-ratelimit-remaining-requests": String(Math.floor(limit - (usedMs * limit) / 1_000)),
        "x-ratelimit-reset-requests": `${usedMs.toFixed(3)}ms`,
        ...(isOver && { "retry-after-ms": String(Math.ceil(after - now - 1_000)) }),
      };
      if (isOver) refused += 1;
      else answered += 1;
      response.writeHead(isOver ? 429 : 200, headers).end("{}");
    });
  });
  const port = await listenLocally(server);
  t.after(() => closeServer(server));
  return { url: `http://127.0.0.1:${port}/v1`, clock, answered: () => answered, refused: () => refused };
}

/** What all workers share, in this process. */
function sharedTexts({ now }: { now(): number }) {
  const texts = new Map<string, string>();
  return {
    texts,
    shared: (name: string) => Promise.resolve({ text: texts.get(name) ?? null, now: now() }),
    replaceShared(name: string, before: string | null, after: string) {
      if ((texts.get(name) ?? null) !== before) return Promise.resolve(false);
      texts.set(name, after);
      return Promise.resolve(true);
    },
  };
}

const { signal } = new AbortController();
const key = "sk-that-nobody-may-see";
type LimitedServer = Awaited<ReturnType<typeof limitedServer>>;
const ask = ({ url, clock }: LimitedServer, pace?: ReturnType<typeof sharedPace>): Promise<string | null> =>
  clock.using(() =>
    createModelServer({ baseUrl: url, apiKey: key, timeoutMs, timer: clock.timer, ...(pace && { pace }) }).post(
      "/chat/completions",
      { model: "m" },
      signal,
    ),
  );

test("runs that share what a server says of its limits are not refused, where others are", async (t) => {
  const server = await limitedServer(t, 5);
  const store = sharedTexts(server.clock);
  const pace = sharedPace(store);
  await ask(server, pace);
  await Promise.all(Array.from({ length: 12 }, () => ask(server, pace)));
  assert.deepEqual([server.answered(), server.refused()], [13, 0]);
  const apart = await Promise.allSettled(Array.from({ length: 12 }, () => ask(server)));
  assert.ok(apart.some((one) => one.status === "rejected" && one.reason instanceof RefusedRequest));
  assert.ok(!JSON.stringify([...store.texts]).includes(key), "the key is in the store");
});

test("what was refused keeps the others away for as long as the server asks", async (t) => {
  const server = await limitedServer(t, 1);
  const pace = sharedPace(sharedTexts(server.clock));
  await ask(server);
  await assert.rejects(ask(server, pace), RefusedRequest);
  await ask(server, pace);
  assert.deepEqual([server.answered(), server.refused()], [2, 1]);
});

test("a turn that is far off is told as the server would tell it, and nothing is sent", async (t) => {
  const server = await limitedServer(t, 5);
  const pace = { turn: () => Promise.resolve(3_600_000), heard: () => Promise.resolve() };
  const isTold = (thrown: unknown): boolean =>
    thrown instanceof FailedRequest && thrown.kind === "rate-limit" && thrown.retryAfterMs === 3_600_000;
  await assert.rejects(ask(server, pace), isTold);
  assert.equal(server.answered(), 0);
});
