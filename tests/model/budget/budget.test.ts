import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, runOn, serve, stoppedBy } from "../compose.js";

test("pitfall 32: the run stops at the cap, which the server's own bill never exceeds, and uses nearly all of it", async (t) => {
  for (const cap of [0.002, 0.004, 0.013, 0.05]) {
    const server = await serve(t, { chat: () => "word ".repeat(300), cache: true });
    const run = runOn(server.url, { model: "gpt-6-luna", limits: { costUsd: cap } });
    const history = [{ role: "system" as const, content: "The goals and the rules. ".repeat(200) }];
    await assert.rejects(async () => {
      for (;;) {
        const { text } = await run.chat.send(ask("", { messages: history }));
        history.push({ role: "system", content: text });
      }
    }, stoppedBy("limit-cost"));
    const { usd } = server.billed();
    assert.ok(usd <= cap, `${usd} of ${cap}`);
    assert.ok(usd > cap * 0.5, `${usd} of ${cap}`);
    assert.ok(run.governor.totals().costUsd <= cap);
  }
});

test("pitfall 32: requests at the same time share one budget", async (t) => {
  const server = await serve(t, { chat: () => "word ".repeat(2000) });
  const run = runOn(server.url, { limits: { costUsd: 0.05 } });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => run.chat.send(ask())));
  assert.ok(server.billed().usd <= 0.05);
  assert.ok(results.some(({ status }) => status === "fulfilled"));
  const stopped = results.find((result) => result.status === "rejected");
  assert.ok(stopped && stoppedBy("limit-cost")(stopped.reason));
});

test("a limit of tokens is kept as well", async (t) => {
  const server = await serve(t, { chat: () => "word ".repeat(900) });
  const run = runOn(server.url, { limits: { tokens: 4000 } });
  await assert.rejects(async () => {
    for (;;) await run.chat.send(ask());
  }, stoppedBy("limit-tokens"));
  const { promptTokens, completionTokens } = server.billed();
  assert.ok(promptTokens + completionTokens <= 4000);
  assert.ok(promptTokens + completionTokens > 3000);
});

test("embeddings stop at the cap", async (t) => {
  const server = await serve(t);
  const run = runOn(server.url, { limits: { costUsd: 0.0001 } });
  await assert.rejects(run.embeddings.send({ texts: ["text ".repeat(40_000)], ...ask() }), stoppedBy("limit-cost"));
  assert.equal(server.requests.length, 0);
});

test("what was spent before a resume counts, to the last nano-dollar", async (t) => {
  const server = await serve(t, { chat: () => "word ".repeat(600) });
  let spent;
  for (let part = 0; part < 3; part++) {
    const run = runOn(server.url, { limits: { costUsd: 0.01 * (part + 1) }, spent });
    await assert.rejects(async () => {
      for (;;) await run.chat.send(ask());
    }, stoppedBy("limit-cost"));
    spent = run.governor.totals();
    assert.ok(server.billed().usd <= 0.01 * (part + 1));
    assert.ok(Math.abs(spent.costUsd - server.billed().usd) < 1e-8);
  }
});

test("a failure that may be billed counts in full, a refusal counts nothing", async (t) => {
  const server = await serve(t, { chat: ["done"], faults: { 0: "cut", 1: { status: 429, body: "" }, 2: "garbage" } });
  const run = runOn(server.url);
  await run.chat.send(ask());
  const retries = run.events.filter((event) => event.type === "model-retry");
  const requested = run.events.filter((event) => event.type === "model-requested");
  assert.deepEqual(
    retries.map(({ costUsd }) => costUsd),
    [requested[0]?.reservedUsd, 0, requested[2]?.reservedUsd],
  );
  assert.equal(retries[0]?.usage.completionTokens, 4000);
  assert.equal(retries[0]?.usage.estimated, true);
  const events = run.events.flatMap((event) => ("costUsd" in event ? [event.costUsd] : []));
  const sum = events.reduce((total, cost) => total + cost, 0);
  assert.ok(Math.abs(run.governor.totals().costUsd - sum) < 1e-9);
  assert.equal(run.governor.totals().requests, 4);
  assert.ok(server.billed().usd <= run.governor.totals().costUsd);
});

for (const status of [408, 409, 500, 502, 503, 504, 520, 524, 529]) {
  test(`status ${status} counts in full, for a gateway may give up on what the model finishes and bills`, async (t) => {
    const server = await serve(t, { chat: () => "word ".repeat(900), faults: billedFault(status) });
    const run = runOn(server.url, { limits: { costUsd: 0.1 } });
    await assert.rejects(async () => {
      for (;;) await run.chat.send(ask());
    }, stoppedBy("limit-cost"));
    assert.ok(server.billed().usd > 0.03 && server.billed().usd <= 0.1, String(server.billed().usd));
    assert.ok(run.governor.totals().costUsd >= server.billed().usd);
    assert.equal(run.governor.totals().estimated, true);
  });
}

/** Every second request is billed in full and answered with this status. */
const billedFault = (status: number) => (_: unknown, index: number) =>
  index % 2 === 1 ? { status, body: "", billed: true } : undefined;

test("pitfall 32: lost answers cannot carry the bill over the cap", async (t) => {
  const server = await serve(t, {
    chat: () => "word ".repeat(3000),
    faults: (_, index) => (index % 2 ? "cut" : undefined),
  });
  const run = runOn(server.url, { limits: { costUsd: 0.08 } });
  await assert.rejects(async () => {
    for (;;) await run.chat.send(ask());
  }, stoppedBy("limit-cost"));
  assert.ok(server.billed().usd <= 0.08);
});

test("an aborted request counts in full, for it may be billed", async (t) => {
  const server = await serve(t, { faults: () => "hang" });
  const controller = new AbortController();
  const run = runOn(server.url);
  const rejected = assert.rejects(run.chat.send(ask("x", { signal: controller.signal })), /Ctrl-C/);
  await server.arrived(1);
  controller.abort(new Error("Ctrl-C"));
  await rejected;
  assert.equal(run.governor.totals().completionTokens, 4000);
});
