import assert from "node:assert/strict";
import { test } from "node:test";
import { createWithholding } from "../../src/agent/withhold.js";
import type { Step } from "../../src/history/events.js";
import { plainStep } from "./scripted-loop.js";

const shownTexts = (steps: readonly Step[]): string[] =>
  steps.map(({ result }) => (result.text.startsWith("[This result is left out") ? "-" : result.text));

test("the list that is shown stays the same one while it grows, so that a step need not look through the whole run", () => {
  const { shown, more } = createWithholding();
  const steps = [plainStep(1), plainStep(2)];
  assert.equal(shown(steps), steps);
  assert.equal(more(steps), true);
  const before = shown(steps);
  steps.push(plainStep(3));
  assert.equal(shown(steps), before);
  assert.deepEqual(shownTexts(before), ["result 1", "-", "result 3"]);
});

test("what is left out is the newest result, then all there are, and then nothing is left", () => {
  const { shown, more, isAll } = createWithholding();
  const steps = [plainStep(1), plainStep(2)];
  assert.equal(more(steps), true);
  assert.deepEqual(shownTexts(shown(steps)), ["result 1", "-"]);
  assert.deepEqual([more(steps), isAll()], [true, true]);
  assert.deepEqual(shownTexts(shown(steps)), ["-", "-"]);
  assert.equal(more(steps), false);
  assert.equal(createWithholding().more([]), false);
});
