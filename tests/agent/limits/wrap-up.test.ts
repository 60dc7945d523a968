import assert from "node:assert/strict";
import { test } from "node:test";
import { createWrapUp } from "../../../src/agent/limits/wrap-up.js";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { createTokenCounter } from "../../../src/model/tokens.js";
import { paysForTwo } from "../../../src/model/budget/outlook.js";

test("before the last step the model is told to wrap up, and before it that nothing", () => {
  const wrapUp = createWrapUp(3, () => true);
  assert.deepEqual([wrapUp(1, []), wrapUp(2, [])], [null, null]);
  assert.match(wrapUp(3, []) ?? "", /^This is your last step\. .*save what matters.*task_complete/);
  assert.equal(createWrapUp(null, () => true)(900, []), null);
});

test("where the budget pays for about one more request, the model is told so, in no more words than there is room for", async () => {
  const said = createWrapUp(null, () => false)(7, []) ?? "";
  assert.match(said, /^The budget left pays for about one more request\. .*task_complete/);
  const counter = createTokenCounter({ encoding: "o200k_base" });
  await counter.load();
  assert.ok(counter.count(said) <= 45, String(counter.count(said)));
});

test("a budget pays for two requests as long as the second one would be let out after a first one like the last", () => {
  const entry = createCatalog({ own: { prices: { input: 1, output: 10 } } }).get("own");
  const dollar = 1e9;
  const last = { promptTokens: 9_000, cachedTokens: 0, completionTokens: 1_000 };
  // 10,000 tokens and an answer of 1,000: $0.02; then 11,000 tokens and an answer of 500: $0.016.
  const pays = (usd: number, tokens = Infinity): boolean =>
    paysForTwo({ nano: usd * dollar, tokens }, entry, 10_000, last);
  assert.deepEqual([pays(0.0359), pays(0.0361)], [false, true]);
  assert.deepEqual([pays(1, 22_499), pays(1, 22_500)], [false, true]);
  assert.equal(paysForTwo({ nano: Infinity, tokens: Infinity }, entry, 10_000, undefined), true);
});
