import assert from "node:assert/strict";
import { test } from "node:test";
import type { Usage } from "../../src/history/event-parts.js";
import { createCatalog } from "../../src/model/catalog/catalog.js";
import { nanoPerDollar } from "../../src/history/totals.js";
import { costNano } from "../../src/model/catalog/price.js";
import { long, eventsOfType } from "../support/program.js";
import fc from "../support/properties.js";
import { smallUsage, type AnswerScript } from "../support/scripted-model.js";
import { reply } from "../support/services/fake-open-ai.js";
import { openLoop } from "./scripted-loop.js";

const entry = createCatalog().get("gpt-6.1-terra");
const write = (index: number, words: number): string =>
  reply("write", { note: `${index}`, text: "some words of it ".repeat(words) });

/** A server that charges for everything: the whole of what may be answered, and as much prompt as was reserved for. */
const greedy =
  (bill: Usage[], words: number): AnswerScript =>
  ({ answerTokens, messages }, index) => {
    const promptTokens = messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 3) + 4, 3);
    const usage = { promptTokens, cachedTokens: 0, completionTokens: answerTokens };
    bill.push(usage);
    return { text: write(index, words), usage };
  };

test("no limit of cost is ever exceeded, even where every request takes all that it may", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100 }), async (cents, words) => {
      const limit = cents / 1_000;
      const bill: Usage[] = [];
      const { end, events } = openLoop({ answers: greedy(bill, words), limits: { costUsd: limit }, limitSteps: 40 });
      const { reason, usage } = await end();
      // Whole billionths of a dollar: sums of dollars are not exact.
      const billed = bill.reduce((sum, used) => sum + costNano(entry, used), 0);
      assert.ok(billed <= Math.round(limit * nanoPerDollar), `billed ${billed} billionths of $${limit}`);
      assert.equal(Math.round(usage.costUsd * nanoPerDollar), billed);
      assert.ok(reason === "limit-cost" || reason === "limit-steps", reason);
      // What did not fit was not sent: every reservation was answered.
      assert.equal(eventsOfType(events, "model-requested").length, bill.length);
    }),
    { numRuns: long ? 200 : 20 },
  );
});

test("no limit of tokens is ever exceeded, and less is left than the smallest request takes", async () => {
  for (const limit of [1_000, 5_000, 30_000]) {
    const bill: Usage[] = [];
    const { end, model } = openLoop({ answers: greedy(bill, 20), limits: { tokens: limit } });
    const { reason } = await end();
    const used = bill.reduce((sum, { promptTokens, completionTokens }) => sum + promptTokens + completionTokens, 0);
    assert.equal(reason, "limit-tokens");
    assert.ok(used <= limit, `${used} of ${limit}`);
    const last = model.requests.at(-1);
    const next = (last?.messages ?? []).reduce((sum, { content }) => sum + content.length, 0);
    assert.ok(limit - used < next + 500 + 1_000, `${limit - used} tokens were left`);
  }
});

test("the room of an answer is lowered to what the limit still pays for, not below 500 tokens", async () => {
  const { end, model } = openLoop({
    answers: (_, index) => ({ text: write(index, 1), usage: smallUsage }),
    limits: { tokens: 6_000 },
  });
  assert.equal((await end()).reason, "limit-tokens");
  const rooms = model.requests.map(({ answerTokens }) => answerTokens);
  assert.equal(rooms[0], 4_000);
  assert.ok(rooms.every((room) => room >= 500));
  assert.ok((rooms.at(-1) ?? 0) < 4_000);
});
