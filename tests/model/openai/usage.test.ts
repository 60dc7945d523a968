import assert from "node:assert/strict";
import { test } from "node:test";
import type { Usage } from "../../../src/history/event-parts.js";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { readUsage, settledUsage, usageFields } from "../../../src/model/openai/usage.js";
import { createTokenCounter } from "../../../src/model/tokens.js";

const counter = createTokenCounter({ encoding: "o200k_base" });
/** 300 tokens; a third of its characters are 500. */
const generated = "word ".repeat(300);
const whole = 500;

/** What a request of 120 tokens at the most, answered by `generated`, is settled by. */
const settled = (usage: unknown, model = "gpt-4o", more = {}): Promise<Usage> =>
  settledUsage(readUsage(usageFields(usage)), {
    entry: createCatalog().get(model),
    counter,
    sentTokens: () => 120,
    generated,
    ...more,
  });

const reported = { promptTokens: 100, cachedTokens: 0, completionTokens: 300 };

const shapes: [string, unknown, Partial<Usage>][] = [
  ["OpenAI's", { prompt_tokens: 100, completion_tokens: 300, total_tokens: 400 }, {}],
  [
    "with cached and written tokens",
    {
      prompt_tokens: 100,
      completion_tokens: 300,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
    },
    { cachedTokens: 60, cacheWriteTokens: 30 },
  ],
  [
    "of the Responses protocol",
    { input_tokens: 100, output_tokens: 300, input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 } },
    { cachedTokens: 60, cacheWriteTokens: 30 },
  ],
  [
    "of Anthropic, which counts the cache beside the input",
    { input_tokens: 10, output_tokens: 300, cache_read_input_tokens: 60, cache_creation_input_tokens: 30 },
    { cachedTokens: 60, cacheWriteTokens: 30 },
  ],
  [
    "of a gateway that has both names",
    {
      prompt_tokens: 100,
      completion_tokens: 300,
      prompt_tokens_details: { cached_tokens: 60, cache_creation_tokens: 30 },
      cache_creation_input_tokens: 30,
      cache_read_input_tokens: 60,
    },
    { cachedTokens: 60, cacheWriteTokens: 30 },
  ],
  [
    "of DeepSeek",
    { prompt_tokens: 100, completion_tokens: 300, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 },
    { cachedTokens: 64 },
  ],
  [
    "with thinking as a part of the answer",
    {
      ...{ prompt_tokens: 100, completion_tokens: 300, total_tokens: 400 },
      completion_tokens_details: { reasoning_tokens: 300 },
    },
    {},
  ],
  ["of Moonshot", { prompt_tokens: 100, completion_tokens: 300, cached_tokens: 64 }, { cachedTokens: 64 }],
  [
    "with more cached than sent",
    {
      prompt_tokens: 100,
      completion_tokens: 300,
      prompt_tokens_details: { cached_tokens: 1000, cache_write_tokens: 9 },
    },
    { cachedTokens: 100 },
  ],
  [
    "with a negative number of cached tokens",
    { prompt_tokens: 100, completion_tokens: 300, prompt_tokens_details: { cached_tokens: -60 } },
    {},
  ],
  [
    "with null for what it does not know",
    { prompt_tokens: 100, completion_tokens: 300, prompt_tokens_details: null },
    {},
  ],
];

for (const [what, usage, expected] of shapes) {
  test(`usage ${what} is read as it is meant`, async () => {
    assert.deepEqual(await settled(usage), { ...reported, ...expected });
  });
}

const halves: [string, unknown, Partial<Usage>][] = [
  ["there is none", null, { promptTokens: 120, completionTokens: whole }],
  ["it is empty", {}, { promptTokens: 120, completionTokens: whole }],
  ["it is no object", [100, 300], { promptTokens: 120, completionTokens: whole }],
  ["the answer's half is missing", { prompt_tokens: 100 }, { completionTokens: whole }],
  ["the answer's half is 0", { prompt_tokens: 100, completion_tokens: 0 }, { completionTokens: whole }],
  ["the answer's half is far too small", { prompt_tokens: 100, completion_tokens: 20 }, { completionTokens: whole }],
  ["the answer's half is negative", { prompt_tokens: 100, completion_tokens: -5 }, { completionTokens: whole }],
  ["the answer's half is text", { prompt_tokens: 100, completion_tokens: "300" }, { completionTokens: whole }],
  ["the answer's half is no whole number", { prompt_tokens: 100, completion_tokens: 1.5 }, { completionTokens: whole }],
  [
    "the answer's half is beyond reason",
    { prompt_tokens: 100, completion_tokens: 2 ** 53 },
    { completionTokens: whole },
  ],
  ["the prompt's half is missing", { completion_tokens: 300 }, { promptTokens: 120 }],
  ["the prompt's half is 0", { prompt_tokens: 0, completion_tokens: 300 }, { promptTokens: 120 }],
  ["the prompt's half is text", { prompt_tokens: "100", completion_tokens: 300 }, { promptTokens: 120 }],
  ["the prompt's half is beyond reason", { prompt_tokens: 2 ** 53, completion_tokens: 300 }, { promptTokens: 120 }],
  ["only the total is there", { total_tokens: 400 }, { promptTokens: 120, completionTokens: whole }],
  ["the total says that more was answered", { total_tokens: 2000 }, { promptTokens: 120, completionTokens: 1880 }],
  [
    "the total is above the sum of both halves",
    { prompt_tokens: 100, completion_tokens: 300, total_tokens: 5100 },
    { completionTokens: 5000 },
  ],
  [
    "more was thought than answered",
    { prompt_tokens: 100, completion_tokens: 300, completion_tokens_details: { reasoning_tokens: 3900 } },
    { completionTokens: 4200 },
  ],
  [
    "more was thought than answered, in the Responses protocol",
    { input_tokens: 100, output_tokens: 300, output_tokens_details: { reasoning_tokens: 3900 } },
    { completionTokens: 4200 },
  ],
  ["only thinking is reported", { prompt_tokens: 100, reasoning_tokens: 3900 }, { completionTokens: 3900 }],
  ["the total says that more was sent", { completion_tokens: 300, total_tokens: 900 }, { promptTokens: 600 }],
];

for (const [what, usage, expected] of halves) {
  test(`where ${what}, it is estimated at the larger measure, and says so`, async () => {
    assert.deepEqual(await settled(usage), { ...reported, ...expected, estimated: true });
  });
}

test("an answer that was cut off has used up its limit where nothing else is said, however little of it was seen", async () => {
  const cut = { generated: "", cutAt: 4000 };
  assert.equal((await settled({ prompt_tokens: 100 }, "gpt-4o", cut)).completionTokens, 4000);
  assert.equal((await settled({ prompt_tokens: 100, completion_tokens: 0 }, "gpt-4o", cut)).completionTokens, 4000);
  assert.equal((await settled({ prompt_tokens: 100, completion_tokens: 3999 }, "gpt-4o", cut)).completionTokens, 3999);
});

test("an empty answer of no tokens is believed", async () => {
  const usage = await settled({ prompt_tokens: 100, completion_tokens: 0 }, "gpt-4o", { generated: "" });
  assert.deepEqual(usage, { ...reported, completionTokens: 0 });
});

test("a prompt that is not reported counts as written to the cache where the model charges for that", async () => {
  assert.deepEqual(await settled(null, "gpt-6.1-terra"), {
    ...{ promptTokens: 120, cachedTokens: 0, cacheWriteTokens: 120, completionTokens: whole, estimated: true },
  });
  const details = { cached_tokens: 60, cache_write_tokens: "some" };
  assert.deepEqual(
    await settled({ prompt_tokens: 100, completion_tokens: 300, prompt_tokens_details: details }, "gpt-6.1-terra"),
    { ...reported, cachedTokens: 60, cacheWriteTokens: 40, estimated: true },
  );
});

test("of several usages in one stream, a later one adds to the earlier and takes nothing away", () => {
  const first = usageFields({ prompt_tokens: 100, completion_tokens: 1 });
  const both = usageFields({ completion_tokens: 300, prompt_tokens: null }, first);
  assert.deepEqual(readUsage(usageFields(null, both)), {
    ...{
      promptTokens: 100,
      completionTokens: 300,
      totalTokens: undefined,
      reasoningTokens: 0,
      cachedTokens: 0,
      cacheWriteTokens: 0,
    },
  });
});
