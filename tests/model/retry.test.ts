import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { ModelError, ParkedError } from "../../src/errors.js";
import type { ModelEvent } from "../../src/history/events.js";
import { manualClock } from "../support/manual-clock.js";
import { errorBody, type Fault } from "../support/services/fake-open-ai.js";
import { ask, optionalParameters, replySchema, runOn, serve } from "./compose.js";

const retries = (events: readonly ModelEvent[]) => events.filter((event) => event.type === "model-retry");

const passing: [string, Fault][] = [
  ["too many requests", { status: 429, headers: { "retry-after": "0" }, body: errorBody("slow down") }],
  ["a fault of the server", { status: 500, body: "" }],
  ["an overloaded server", { status: 503, body: "" }],
  ["a conflict", { status: 409, body: "" }],
  ["no answer in time", "hang"],
  ["an answer that stops half-way", "hang-body"],
  ["a cut connection", "cut"],
  ["a dropped connection", "drop"],
  ["a web page", "garbage"],
  ["an empty body", "empty-body"],
];
for (const [what, fault] of passing) {
  test(`pitfall 29: goes on after ${what}`, async (t) => {
    const server = await serve(t, { chat: ["done"], faults: { 0: fault } });
    const clock = manualClock();
    const run = runOn(server.url, { timeoutMs: 1000, timer: clock.timer });
    const answer = run.chat.send(ask());
    await server.arrived(1);
    if (fault === "hang" || fault === "hang-body") clock.advance(1000);
    assert.equal((await answer).text, "done");
    assert.equal(server.requests.length, 2);
    assert.deepEqual(run.types(), ["model-requested", "model-retry", "model-requested", "model-replied"]);
  });
}

const final: [string, Fault, string, number][] = [
  ["a wrong key", { status: 401, body: errorBody("no", "invalid_api_key") }, "wrong-key", 1],
  ["pitfall 28: a spent quota", { status: 429, body: errorBody("no", "insufficient_quota") }, "spent-quota", 1],
  ["a retired model", { status: 404, body: errorBody("no", "model_not_found") }, "unknown-model", 1],
  ["a forbidden request", { status: 403, body: errorBody("no") }, "refused", 1],
  ["too long a context", { status: 400, body: errorBody("no", "context_length_exceeded") }, "context-too-long", 1],
  [
    "a refusal that names nothing that was sent",
    { status: 400, body: errorBody("bad", null, "messages") },
    "bad-parameter",
    2,
  ],
];
for (const [what, fault, kind, requests] of final) {
  test(`${what} ends after ${requests} request${requests > 1 ? "s" : ""}`, async (t) => {
    const server = await serve(t, { chat: () => "never", faults: () => fault });
    const run = runOn(server.url);
    await assert.rejects(
      run.chat.send(ask()),
      (thrown: unknown) => thrown instanceof ModelError && thrown.kind === kind,
    );
    assert.equal(server.requests.length, requests);
    assert.equal(run.governor.totals().costUsd, 0);
    assert.equal(run.types().at(-1), "model-failed");
  });
}

test("gives up after the retries, and says how many attempts were made", async (t) => {
  const server = await serve(t, { faults: () => ({ status: 503, body: "" }) });
  const run = runOn(server.url, { retry: { retries: 2 } });
  await assert.rejects(run.chat.send(ask()), { message: /tried 3 times\.$/, advice: null });
  assert.equal(server.requests.length, 3);
  const attempts = retries(run.events).map(({ attempt }) => attempt);
  assert.deepEqual(attempts, [1, 2]);
});

test("a server of this machine that nobody has started is told as such, and tried a few times; one that was there, as often as any", async (t) => {
  const server = await serve(t, { chat: ["done"] });
  const run = runOn(server.url, { retry: { retries: 6 } });
  await run.chat.send(ask());
  const { url } = server;
  await server.close();
  await assert.rejects(run.chat.send(ask()), {
    message: /Nothing listens there \(ECONNREFUSED\)\. It was tried 7 times\.$/,
  });
  const never = runOn(url, { retry: { retries: 6 } });
  await assert.rejects(never.chat.send(ask()), {
    message: `${url}: Nothing listens there (ECONNREFUSED). It was tried 4 times.`,
    advice: "Start that server, or correct OPENAI_API_BASE_URL.",
  });
  assert.match(retries(never.events)[0]?.problem ?? "", /Nothing listens there .* Start that server/);
});

test("waits longer each time, up to a cap, with a part left to chance", async (t) => {
  const server = await serve(t, { faults: () => ({ status: 503, body: "" }) });
  const run = runOn(server.url, { retry: { retries: 6, baseMs: 8, capMs: 40 } });
  await assert.rejects(run.chat.send(ask()));
  const waits = retries(run.events).map(({ waitMs }) => waitMs);
  const most = [8, 16, 32, 40, 40, 40];
  for (const [index, wait] of waits.entries()) {
    assert.ok(wait >= (most[index] ?? 0) / 2 && wait <= (most[index] ?? 0), waits.join());
  }
  assert.equal(waits.length, 6);
});

test("a wait that the server names is kept to, whichever way it names it; none and 0 mean a growing one", async (t) => {
  const named: [Fault, number][] = [
    [{ status: 429, body: errorBody("Rate limit reached. Please try again in 20s.") }, 20_000],
    [{ status: 429, body: [{ error: { details: [{ retryDelay: "31s" }] } }] }, 31_000],
    [{ status: 429, headers: { "x-ratelimit-reset-requests": "1m5s" }, body: "" }, 65_000],
    [{ status: 429, headers: { "retry-after": "0" }, body: "" }, 2_000],
    [{ status: 429, headers: { "retry-after": "1" }, body: "" }, 1_000],
    [{ status: 429, body: "" }, 2_000],
  ];
  for (const [fault, waitMs] of named) {
    const server = await serve(t, { chat: ["done"], faults: { 0: fault } });
    const clock = manualClock();
    const run = runOn(server.url, { retry: { baseMs: 1_000, capMs: 30_000, timer: clock.timer } });
    const waits = clock.nextTimer();
    const answer = run.chat.send(ask());
    await waits;
    clock.advance(waitMs);
    await answer;
    const [wait = 0] = retries(run.events).map((event) => event.waitMs);
    assert.ok(wait <= waitMs && wait >= waitMs * 0.75, `${wait} for ${waitMs}`);
    if (waitMs !== 2_000) assert.equal(wait, waitMs);
  }
});

test("limits of a minute and a model that loads for minutes do not end a request with the usual retries", async (t) => {
  const loading = { status: 503, body: errorBody("Loading model", null, null, "unavailable_error") };
  for (const [fault, leastMs] of [
    [{ status: 429, body: errorBody("slow down") }, 60_000],
    [loading, 600_000],
  ] as const) {
    const server = await serve(t, { faults: () => fault });
    const timer = (call: () => void) => (setImmediate(call), () => undefined);
    const run = runOn(server.url, { retry: { retries: 6, baseMs: 1_000, capMs: 30_000, timer } });
    await assert.rejects(run.chat.send(ask()));
    const waited = retries(run.events).reduce((sum, { waitMs }) => sum + waitMs, 0);
    assert.ok(waited >= leastMs && waited <= 900_000, String(waited));
    assert.equal(run.governor.totals().costUsd, 0, "nothing was worked on");
  }
});

test("a server that asks to be left alone for longer than a request waits is not waited for", async (t) => {
  const server = await serve(t, { faults: () => ({ status: 429, headers: { "retry-after": "7200" }, body: "" }) });
  const run = runOn(server.url);
  await assert.rejects(run.chat.send(ask()), {
    message:
      /tried once\. The server asks to be left alone for 120 minutes, and a request waits for 15 minutes at most\.$/,
  });
  assert.equal(server.requests.length, 1);
});

test("Retry-After wins over the growing wait", async (t) => {
  const slow = { status: 429, headers: { "retry-after-ms": "120" }, body: errorBody("slow down") };
  const server = await serve(t, { chat: ["done"], faults: { 0: slow } });
  const run = runOn(server.url);
  const started = performance.now();
  await run.chat.send(ask());
  assert.ok(performance.now() - started >= 119);
  assert.deepEqual(
    retries(run.events).map(({ waitMs }) => waitMs),
    [120],
  );
});

test("pitfall 28: an abort ends the wait at once, with the signal's reason", async (t) => {
  const slow = { status: 429, headers: { "retry-after": "600" }, body: errorBody("slow down") };
  const server = await serve(t, { faults: () => slow });
  const controller = new AbortController();
  const run = runOn(server.url, {
    retry: {
      emit: (event) => {
        if (event.type === "model-retry") {
          assert.equal(event.waitMs, 600_000);
          // The wait begins before the next turn of the event loop.
          setImmediate(() => controller.abort(new Error("Ctrl-C")));
        }
        return Promise.resolve();
      },
    },
  });
  await assert.rejects(run.chat.send(ask("x", { signal: controller.signal })), /Ctrl-C/);
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
});

test("leaves out a refused parameter, repeats at once, and remembers", async (t) => {
  const refuse = (parameter: string): Fault => ({
    status: 400,
    body: errorBody("no", "unsupported_parameter", parameter),
  });
  const server = await serve(t, {
    chat: () => "ok",
    faults: { 0: refuse("max_completion_tokens"), 1: refuse("response_format") },
  });
  const run = runOn(server.url, { retry: { retries: 0 } });
  await run.chat.send(ask("x", { replySchema }));
  await run.chat.send(ask("y", { replySchema }));
  const bodies = server.chatRequests().map(({ body }) => body);
  assert.equal(bodies.length, 4);
  for (const body of bodies.slice(2)) {
    assert.deepEqual(Object.keys(body ?? {}).sort(), [
      "max_tokens",
      "messages",
      "model",
      "prompt_cache_options",
      "stream",
      "stream_options",
    ]);
  }
  assert.deepEqual(
    retries(run.events).map(({ waitMs }) => waitMs),
    [0, 0],
  );
  assert.equal(run.governor.totals().requests, 4);
});

test("finds the refused parameter in the message where the server names it nowhere else", async (t) => {
  const body = { error: "Unsupported parameter: 'max_completion_tokens'. Use 'max_tokens'." };
  const server = await serve(t, { chat: () => "ok", faults: { 0: { status: 400, body } } });
  await runOn(server.url).chat.send(ask());
  assert.equal(server.chatRequests()[1]?.body?.max_tokens, 4000);
});

test("a server that refuses every parameter is asked without any, and ends nowhere in a circle", async (t) => {
  const server = await serve(t, {
    chat: () => "ok",
    faults: (request) => {
      const [first] = Object.keys(optionalParameters(request));
      return first === undefined ? undefined : { status: 400, body: errorBody(`no ${first} please`) };
    },
  });
  const run = runOn(server.url);
  assert.equal((await run.chat.send(ask("x", { replySchema }))).text, "ok");
  assert.equal(server.requests.length, 4);
});

test("embeddings are repeated as well", async (t) => {
  const server = await serve(t, { embeddingFaults: { 0: "drop", 1: { status: 500, body: "" } } });
  const run = runOn(server.url);
  assert.equal((await run.embeddings.send({ texts: ["a"], ...ask() })).vectors.length, 1);
  assert.equal(server.requests.length, 3);
});

test("a journal that cannot be written ends the request", async (t) => {
  const server = await serve(t, { faults: () => "drop" });
  const full = new Error("no space left");
  const run = runOn(server.url, { retry: { emit: () => Promise.reject(full) } });
  await assert.rejects(run.chat.send(ask()), full);
});

/** A run that waits as long as this, by a clock on which every wait is over at once. */
const waiting = (url: string, waitMs: number, retries = 2) =>
  runOn(url, {
    retry: { retries, waitMs, baseMs: 1_000, capMs: 30_000, timer: (call) => (setImmediate(call), () => undefined) },
  });
const parked = (message: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof ParkedError, String(thrown));
  assert.match(thrown.message, message);
  return true;
};
const hour = 3_600_000;

test("where it may wait, a limit or a quota whose end is known is waited for, beyond 15 minutes and all retries", async (t) => {
  const inAnHour: Fault = { status: 429, headers: { "retry-after": "3000" }, body: errorBody("slow down") };
  const quota: Fault = { status: 429, headers: { "retry-after": "1200" }, body: errorBody("no", "insufficient_quota") };
  const overload: Fault = { status: 503, headers: { "retry-after": "1200" }, body: "" };
  for (const fault of [inAnHour, quota, overload]) {
    const server = await serve(t, { chat: ["done"], faults: { 0: fault, 1: fault, 2: fault } });
    const run = waiting(server.url, 3 * hour, 1);
    assert.equal((await run.chat.send(ask())).text, "done");
    assert.equal(retries(run.events).length, 3);
  }
});

test("where it may wait, a network that is gone is tried again until it is back", async (t) => {
  const server = await serve(t, { chat: ["done"], faults: (_request, index) => (index < 20 ? "drop" : undefined) });
  const run = waiting(server.url, hour, 1);
  assert.equal((await run.chat.send(ask())).text, "done");
  assert.equal(retries(run.events).length, 20);
});

test("a wait beyond what is allowed is not begun: the run is parked, and the moment is named", async (t) => {
  const server = await serve(t, { faults: () => ({ status: 429, headers: { "retry-after": "32400" }, body: "" }) });
  const run = waiting(server.url, hour);
  const message = /alone for 9 hours, until \d{4}-\d\d-\d\d \d\d:\d\d UTC, and --wait allows 60 minutes\.$/;
  await assert.rejects(run.chat.send(ask()), parked(message));
  assert.equal(server.requests.length, 1);
  assert.deepEqual(run.types(), ["model-requested", "model-failed"]);
});

test("waits that are short each add up to no more than is allowed", async (t) => {
  const server = await serve(t, { faults: () => ({ status: 429, headers: { "retry-after": "1000" }, body: "" }) });
  const run = waiting(server.url, hour);
  await assert.rejects(
    run.chat.send(ask()),
    parked(/may not wait any longer than --wait says, which is 60 minutes\.$/),
  );
  assert.equal(retries(run.events).length, 3);
});

test("what no waiting helps against fails as without it, also after waiting for something else", async (t) => {
  const limit: Fault = { status: 429, headers: { "retry-after": "1000" }, body: "" };
  const faults = (_request: unknown, index: number): Fault => (index < 2 ? limit : { status: 500, body: "" });
  const server = await serve(t, { faults });
  const failed = (thrown: unknown) => thrown instanceof ModelError && thrown.kind === "server-fault";
  await assert.rejects(waiting(server.url, hour).chat.send(ask()), failed);
  assert.equal(server.requests.length, 5, "two waits, and three tries of its own");
  const spent = await serve(t, { faults: () => ({ status: 429, body: errorBody("no", "insufficient_quota") }) });
  await assert.rejects(
    waiting(spent.url, hour).chat.send(ask()),
    (thrown: unknown) => thrown instanceof ModelError && thrown.kind === "spent-quota",
  );
});
