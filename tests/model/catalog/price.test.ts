import assert from "node:assert/strict";
import { test } from "node:test";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { costUsd, worstCaseUsd } from "../compose.js";

const entry = createCatalog().get("gpt-6.1-terra");

test("charges input, cached input and output at their prices", () => {
  assert.equal(costUsd(entry, { promptTokens: 10_000, cachedTokens: 8000, completionTokens: 1000 }), 0.0074);
});

test("what the server writes to its cache is charged at its own price, in a long prompt too", () => {
  const usage = { promptTokens: 10_000, cachedTokens: 6000, cacheWriteTokens: 3000, completionTokens: 1000 };
  assert.equal(costUsd(entry, usage), 0.001 + 0.0003 + 0.00375 + 0.005);
  assert.equal(
    costUsd(entry, { ...usage, promptTokens: 300_000, cacheWriteTokens: 294_000, completionTokens: 0 }),
    0.7356,
  );
});

test("cached tokens without a price of their own cost as much as others", () => {
  const own = { ...entry, prices: { input: 1, output: 5 } };
  assert.equal(costUsd(own, { promptTokens: 10_000, cachedTokens: 8000, completionTokens: 0 }), 0.01);
});

test("a long prompt raises the rates of the whole request", () => {
  const usage = { promptTokens: 272_000, cachedTokens: 0, completionTokens: 1000 };
  assert.equal(costUsd(entry, usage), 0.277);
  assert.equal(costUsd(entry, { ...usage, promptTokens: 272_001 }), 0.551502);
});

test("the worst case is never below what any use of it costs, for every price", () => {
  const prices = [0, 1e-7, 0.01, 0.07, 0.1, 0.3, 1 / 3, 1.1, 2.5, 17.77];
  for (const input of prices) {
    for (const output of prices) {
      const own = { ...entry, prices: { input, output } };
      for (const [promptTokens, completionTokens] of [
        [1, 1],
        [3333, 777],
        [271_999, 4000],
        [272_001, 3999],
      ] as const) {
        const worst = worstCaseUsd(own, promptTokens, completionTokens);
        const cached = Math.floor(promptTokens / 2);
        const cost = costUsd(own, { promptTokens, cachedTokens: cached, completionTokens });
        const written = costUsd(own, {
          ...{ promptTokens, cachedTokens: cached, completionTokens },
          cacheWriteTokens: promptTokens - cached,
        });
        assert.ok(worst >= cost && worst >= written);
        assert.ok(worst >= (promptTokens * input + completionTokens * output) / 1e6 - 1e-14);
      }
    }
  }
});

test("a model without price costs nothing", () => {
  const free = createCatalog().get("local-model");
  assert.equal(worstCaseUsd(free, 10_000, 4000), 0);
});
