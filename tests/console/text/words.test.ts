import assert from "node:assert/strict";
import { test } from "node:test";
import {
  costText,
  durationText,
  endSentence,
  limitNearText,
  shortNumber,
  stateInWords,
  whenText,
} from "../../../src/console/text/words.js";
import { stopReasons } from "../../../src/errors.js";

test("each reason has words of its own for people, as a sentence and in a list; one of a later version is named as it is", () => {
  for (const words of [endSentence, stateInWords]) {
    const said = stopReasons.map(words);
    assert.equal(new Set(said).size, stopReasons.length);
    for (const one of said) assert.doesNotMatch(one, /-/);
  }
  assert.equal(endSentence("in-a-circle"), "The run ended: in-a-circle.");
  assert.equal(stateInWords("parked"), "parked");
});

test("a cost that is not known is never said to be nothing", () => {
  assert.equal(costText({ costUsd: 0.01234 }), "$0.0123");
  assert.equal(costText({ costUsd: 0, unpriced: true }), "price not known");
  assert.equal(costText({ costUsd: 0.5, unpriced: true }), "at least $0.5000");
  assert.equal(costText({ costUsd: 0.00001, unpriced: true }), "price not known");
});

test("numbers, durations and times are as short as they can be", () => {
  assert.deepEqual([0, 999, 1000, 12_345, 99_960, 999_499, 1_250_000].map(shortNumber), [
    "0",
    "999",
    "1.0k",
    "12.3k",
    "100k",
    "999k",
    "1.3M",
  ]);
  assert.deepEqual(
    [400, 9_990, 59_600, 61_000, 120_000, 3_600_000, 7_500_000, 86_400_000, 180_000_000].map(durationText),
    ["0.4 s", "10 s", "1 min", "1 min 1 s", "2 min", "1 h", "2 h 5 min", "1 day", "2 days 2 h"],
  );
  const now = new Date(2026, 10, 28, 12, 0);
  assert.deepEqual(
    [new Date(2026, 10, 28, 9, 5), new Date(2026, 2, 1, 23, 59), new Date(2025, 0, 7), new Date(Number.NaN)].map(
      (time) => whenText(time, now),
    ),
    ["09:05", "1 Mar 23:59", "7 Jan 2025", "?"],
  );
});

test("how much of a limit is used is said in its own unit", () => {
  const said = (limit: "steps" | "cost" | "tokens" | "time", used: number, of: number): string =>
    limitNearText({ limit, used, of });
  assert.equal(said("steps", 8, 10), "80 % of the run's limit of 10 steps is used: 8 steps.");
  assert.equal(said("cost", 1.2345678, 1.5), "82 % of the run's limit of $1.5 is used: $1.2346.");
  assert.equal(said("tokens", 9_999, 10_000), "99 % of the run's limit of 10000 tokens is used: 9999 tokens.");
  assert.equal(said("time", 288, 360), "80 % of the run's limit of 6 min is used: 4 min 48 s.");
});
