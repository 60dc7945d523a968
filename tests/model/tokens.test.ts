import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateTokens } from "../../src/model/estimate-tokens.js";
import { createTokenCounter } from "../../src/model/tokens.js";

async function loaded() {
  const counter = createTokenCounter({ encoding: "o200k_base" });
  await counter.load();
  return counter;
}

const prose = "The quick brown fox jumps over the lazy dog, and then it writes a report. ";
const chinese = "所有的问题都用中文回答。";
const samples: Record<string, string> = {
  prose: prose.repeat(50),
  chinese: chinese.repeat(50),
  polish: "Zażółć gęślą jaźń. ".repeat(50),
  emoji: "😀👩‍👩‍👧🎉 ".repeat(50),
  code: "export const sum = (a: number[]) => a.reduce((x, y) => x + y, 0);\n".repeat(30),
  json: JSON.stringify(
    { thoughts: { text: "x", plan: ["a", "b"] }, command: { name: "do_nothing", args: {} } },
    null,
    2,
  ),
  digits: "3141592653589793238462643383279502884197".repeat(20),
  hexadecimal: "a3f0b19c77de5e04".repeat(60),
  signs: "!@#$%^&*()_+{}|:<>?".repeat(40),
  control: "\u0001\u0002\u0007".repeat(100),
  "lone surrogates": "\ud800\udc00\ud800".repeat(50),
};

test("counts exactly once the tokeniser is loaded, and by an estimate before", async () => {
  const counter = createTokenCounter({ encoding: "o200k_base" });
  assert.equal(counter.exact, false);
  assert.equal(counter.count("hello world"), estimateTokens("hello world"));
  await counter.load();
  assert.equal(counter.exact, true);
  assert.equal(counter.count("hello world"), 2);
  assert.equal(counter.count("hello world"), 2);
  assert.equal(counter.count(""), 0);
});

test("pitfall 20: the estimate is at or above the count for what prompts consist of", async () => {
  for (const encoding of ["o200k_base", "cl100k_base"] as const) {
    const counter = createTokenCounter({ encoding });
    await counter.load();
    for (const [name, text] of Object.entries(samples)) {
      assert.ok(
        estimateTokens(text) >= counter.count(text),
        `${name}: ${estimateTokens(text)} < ${counter.count(text)}`,
      );
    }
  }
});

test("pitfall 21: the names of special tokens are plain text", async () => {
  const counter = await loaded();
  assert.ok(counter.count("before <|endoftext|> after <|im_start|>") > 5);
});

test("counts a long run without a break in time that grows with its length", async (t) => {
  const counter = await loaded();
  // No piece comes twice: the tokeniser remembers what it has merged.
  let seed = 1;
  const character = () => String.fromCharCode(0x4e00 + ((seed = (seed * 48_271) % 2_147_483_647) % 20_000));
  const run = (length: number) => Array.from({ length }, character).join("");
  counter.count(run(20_000));
  // Of the processor, not of the clock: others may be at work as well.
  const timeOf = (text: string) => {
    const started = process.cpuUsage();
    assert.ok(counter.count(text) >= text.length);
    return process.cpuUsage(started).user / 1000;
  };
  const short = timeOf(run(20_000));
  const long = timeOf(run(80_000));
  t.diagnostic(`20,000 characters ${short.toFixed(0)} ms, 80,000 characters ${long.toFixed(0)} ms`);
  // Four times the length; quadratic growth would be 16 times.
  assert.ok(long < short * 10 + 50);
});

test("never throws, whatever the text", async () => {
  const counter = await loaded();
  for (const text of [...Object.values(samples), " ".repeat(300_000), "\n".repeat(5000), "a".repeat(100_000)]) {
    assert.ok(counter.count(text) > 0);
  }
});

test("a message has four tokens of frame, a request three", async () => {
  const counter = await loaded();
  assert.equal(counter.messageTokens([]), 3);
  assert.equal(counter.messageTokens([{ role: "user", content: "hello world" }]), 9);
});

test("finds how much of a text fits, close to the limit and never above it", async () => {
  const counter = await loaded();
  const counters = [counter, createTokenCounter({ encoding: "o200k_base" })];
  for (const own of counters) {
    for (const [name, text] of Object.entries(samples)) {
      for (const limit of [1, 7, 50, 100, 100_000]) {
        const length = own.fittingLength(text, limit);
        assert.ok(own.count(text.slice(0, length)) <= limit, `${name} to ${limit}`);
        if (length === text.length) continue;
        assert.ok(
          own.count(text.slice(0, length + 60)) > limit * 0.9,
          `${name} to ${limit}: only ${length} characters`,
        );
      }
    }
  }
});

test("nothing fits into no tokens", async () => {
  const counter = await loaded();
  assert.equal(counter.fittingLength(prose, 0), 0);
  assert.equal(counter.fittingLength(prose, -5), 0);
  assert.equal(counter.fittingLength("", 5), 0);
});

/** UTF-8 has no place for half a pair. */
const isWhole = (text: string) => Buffer.from(text).toString() === text;

test("does not split a surrogate pair", async () => {
  const counter = await loaded();
  const text = "🎉🧙🏽‍♂️".repeat(2000);
  for (let limit = 1; limit < 40; limit++) {
    assert.ok(isWhole(text.slice(0, counter.fittingLength(text, limit))));
  }
  assert.ok(isWhole(text.slice(0, counter.fittingLength(text, 5000))));
});

test("looks at no more of a text of 10 MB than fits", async () => {
  const counter = await loaded();
  const text = prose.repeat(140_000);
  const started = process.cpuUsage();
  const length = counter.fittingLength(text, 4000);
  assert.ok(process.cpuUsage(started).user < 1_000_000);
  assert.ok(length > 10_000 && length < 40_000);
});
