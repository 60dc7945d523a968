import assert from "node:assert/strict";
import { test } from "node:test";
import { createWrapUp, wrapUpText, type WrapUpOptions } from "../../../src/agent/limits/wrap-up.js";
import { RunError } from "../../../src/errors.js";
import { openBudget } from "../../../src/model/budget/budget.js";
import { paysForTwo } from "../../../src/model/budget/outlook.js";
import { createReserve } from "../../../src/model/budget/reserve.js";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import type { Message } from "../../../src/model/model.js";
import { createTokenCounter } from "../../../src/model/tokens.js";

const counter = createTokenCounter({ encoding: "o200k_base" });
await counter.load();
const entry = createCatalog({ own: { prices: { input: 1, output: 10 } } }).get("own");
/** About so many tokens, in a system prompt and what follows. */
const request = (tokens: number): Message[] => [
  { role: "system", content: "You are a test." },
  { role: "assistant", content: "a ".repeat(tokens) },
];

function prepare(limits: { tokens?: number; costUsd?: number }, options: Partial<WrapUpOptions> = {}) {
  const budget = openBudget(limits);
  const reserve = createReserve(budget, entry, counter, () => undefined);
  let elapsedMs = 0;
  let cut = 0;
  const timers: number[] = [];
  const wrapUp = createWrapUp({
    limits: { steps: null, seconds: null },
    reserve,
    elapsedMs: () => elapsedMs,
    cut: () => void (cut += 1),
    timer: (_call, milliseconds) => (timers.push(milliseconds), () => undefined),
    ...options,
  });
  return { budget, wrapUp, timers, cuts: () => cut, at: (seconds: number) => void (elapsedMs = seconds * 1000) };
}

test("before the last step the model is told to wrap up, and before it that nothing", () => {
  const { wrapUp } = prepare({}, { limits: { steps: 3, seconds: null } });
  assert.deepEqual(
    [1, 2, 3].map((step) => wrapUp.look(step, request(10))),
    [null, null, "steps"],
  );
  assert.match(wrapUpText("steps"), /^This is your last step\. .*save what matters.*task_complete/);
  assert.equal(prepare({}).wrapUp.look(900, request(10)), null);
});

test("what is said before each limit has no more words than there is room for", () => {
  for (const before of ["steps", "cost", "tokens", "time"] as const) {
    assert.match(wrapUpText(before), /save what matters.*task_complete/);
    assert.ok(counter.count(wrapUpText(before)) <= 45, before);
  }
});

test("a small last request is held back from whatever else is asked, and let go for the last step", () => {
  const { budget, wrapUp } = prepare({ tokens: 10_000 });
  assert.equal(wrapUp.look(1, request(3_000)), null);
  // 1,000 tokens of history with the system prompt, and an answer of 500.
  const { tokens } = budget.left();
  assert.ok(tokens > 8_300 && tokens < 8_500, String(tokens));
  assert.throws(() => budget.reserve(entry, 8_000, { wanted: 500, least: 500 }), { isHeldBack: true });
  budget.reserve(entry, 5_500, { wanted: 500, least: 500 });
  assert.equal(wrapUp.look(2, request(3_000)), "tokens", "the next one does not fit besides what is held back");
  assert.ok(wrapUp.isTooLarge(2, request(4_500)) && !wrapUp.isTooLarge(2, request(3_000)));
  assert.ok(budget.left().tokens > 3_900);
  assert.throws(() => budget.reserve(entry, 8_000, { wanted: 500, least: 500 }), { isHeldBack: false });
});

test("however a step uses up its budget, a last request still fits", () => {
  for (const limit of [4_000, 7_000, 12_000, 40_000]) {
    const { budget, wrapUp } = prepare({ tokens: limit });
    for (let step = 1; step < 100; step++) {
      const size = 500 + 90 * step;
      if (wrapUp.look(step, request(size)) !== null) break;
      // The greedy: whatever is let out is taken.
      for (const tokens of [3_000, 700, 150, 40, 10])
        try {
          for (;;) budget.reserve(entry, tokens, { wanted: 0, least: 0 });
        } catch (thrown) {
          assert.ok(thrown instanceof RunError);
        }
    }
    assert.ok(budget.left().tokens >= 500 + 590, `${budget.left().tokens} of ${limit}`);
  }
});

test("a request that did not fit besides what is held back becomes the last one, once", () => {
  const { wrapUp } = prepare({ tokens: 100_000 });
  assert.equal(wrapUp.look(1, request(100)), null);
  assert.deepEqual([wrapUp.isLastAfterAll(), wrapUp.isLastAfterAll()], [true, false]);
  assert.equal(wrapUp.look(1, request(100)), "tokens");
});

test("an earlier part of the run that had its last step is not given another, smaller one", () => {
  const { wrapUp } = prepare({ tokens: 3_000 }, { had: "tokens" });
  assert.equal(wrapUp.look(8, request(5_000)), "tokens");
  assert.equal(wrapUp.isTooLarge(8, request(5_000)), false);
});

test("time for a last step is kept: what goes on is ended for it, and no step follows it", () => {
  const { wrapUp, timers, at } = prepare({}, { limits: { steps: null, seconds: 100 } });
  assert.equal(wrapUp.look(1, request(10)), null);
  wrapUp.took(4_000);
  at(10);
  assert.equal(wrapUp.look(2, request(10)), null);
  assert.deepEqual(timers, [95_000, 77_000], "twice the longest thought and five seconds are kept");
  at(88);
  assert.equal(wrapUp.look(3, request(10)), "time");
  assert.equal(wrapUp.look(3, request(10)), "time", "asked again in the same step");
  assert.throws(() => wrapUp.look(4, request(10)), { reason: "limit-time" });
  const short = prepare({}, { limits: { steps: null, seconds: 2 } });
  short.wrapUp.look(1, request(10));
  assert.deepEqual(short.timers, [1_500], "of a short time no more than a quarter is kept");
});

test("a budget pays for two requests as long as the second one would be let out after a first one like the last", () => {
  const dollar = 1e9;
  const last = { promptTokens: 9_000, cachedTokens: 0, completionTokens: 1_000 };
  // 10,000 tokens and an answer of 1,000: $0.02; then 11,000 tokens and an answer of 500: $0.016.
  const pays = (usd: number, tokens = Infinity): boolean =>
    paysForTwo({ nano: usd * dollar, tokens }, entry, 10_000, last);
  assert.deepEqual([pays(0.0359), pays(0.0361)], [false, true]);
  assert.deepEqual([pays(1, 22_499), pays(1, 22_500)], [false, true]);
  assert.equal(paysForTwo({ nano: Infinity, tokens: Infinity }, entry, 10_000, undefined), true);
});
