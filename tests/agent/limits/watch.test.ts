import assert from "node:assert/strict";
import { test } from "node:test";
import { watchLimits, type LimitWatchOptions } from "../../../src/agent/limits/watch.js";
import type { RunLimits } from "../../../src/history/event-parts.js";
import type { AgentEvent } from "../../../src/history/events.js";
import { emptyTotals } from "../../../src/history/totals.js";
import { runStart } from "../../history/run-start.js";
import { manualClock } from "../../support/manual-clock.js";

const none: RunLimits = { steps: null, costUsd: null, tokens: null, seconds: null };
const start: AgentEvent = runStart({});
const end = { type: "run-end" } as AgentEvent;

/** What is emitted of a run with these limits, the warnings as `limit used/of` and other events by their types. */
function watched(limits: Partial<RunLimits>, options: Partial<LimitWatchOptions> = {}) {
  const clock = manualClock();
  const emitted: string[] = [];
  const emit = watchLimits({
    limits: { ...none, ...limits },
    emit: (event) => {
      emitted.push(event.type === "limit-near" ? `${event.limit} ${event.used}/${event.of}` : event.type);
      return Promise.resolve();
    },
    ...{ spent: null, said: [], elapsedMs: () => 0, timer: clock.timer },
    ...options,
  });
  return { emit, clock, warnings: () => emitted.filter((one) => one.includes("/")), emitted };
}

const replied = (costUsd: number, tokens = 0): AgentEvent => ({
  ...{ type: "model-replied", step: 1, purpose: "think", costUsd },
  usage: { promptTokens: tokens, cachedTokens: 0, completionTokens: 0 },
});
const ended = (step: number, stop?: "task-complete"): AgentEvent => ({
  ...{ type: "step-end", step, command: null, outcome: "ran", totals: emptyTotals() },
  result: { ok: true, text: "", ...(stop && { stop }) },
});

test("of each limit it is warned once, behind the event with which four fifths are used", async () => {
  const run = watched({ costUsd: 1, tokens: 1000, steps: 10 });
  for (const event of [start, replied(0.5, 700), replied(0.25, 100), replied(0.25, 100), ended(7), ended(8), ended(9)])
    await run.emit(event);
  assert.deepEqual(run.emitted.slice(0, 5), [
    "run-start",
    "model-replied",
    "model-replied",
    "tokens 800/1000",
    "model-replied",
  ]);
  assert.deepEqual(run.warnings(), ["tokens 800/1000", "cost 1/1", "steps 8/10"]);
});

test("failed requests count with what they cost, and nothing is said of steps that are all used, or of a completed task", async () => {
  const run = watched({ costUsd: 1, steps: 3 });
  const usage = { promptTokens: 9, cachedTokens: 0, completionTokens: 0 };
  await run.emit({ type: "model-retry", step: 1, attempt: 1, waitMs: 0, problem: "p", usage, costUsd: 0.5 });
  for (const step of [1, 2, 3]) await run.emit(ended(step));
  assert.deepEqual(run.warnings(), []);
  await run.emit({ type: "model-failed", step: 4, problem: "p", usage, costUsd: 0.4 });
  assert.deepEqual(run.warnings(), ["cost 0.9/1"]);
  const completed = watched({ steps: 5 });
  await completed.emit(ended(4, "task-complete"));
  assert.deepEqual(completed.warnings(), []);
});

test("of the time it is warned when it comes, also within a step, and never behind the end", async () => {
  const run = watched({ seconds: 100 }, { elapsedMs: () => 30_000 });
  await run.emit(start);
  run.clock.advance(49_000);
  assert.deepEqual(run.warnings(), []);
  run.clock.advance(1_000);
  assert.deepEqual(run.warnings(), ["time 80/100"]);
  const over = watched({ seconds: 100 });
  await over.emit(start);
  await over.emit(end);
  over.clock.advance(100_000);
  assert.deepEqual(over.emitted, ["run-start", "run-end"]);
});

test("a run that goes on is not warned again of a limit that is the same, but of a higher one that is near", async () => {
  const spent = { ...emptyTotals(), promptTokens: 900, costUsd: 0.9 };
  const resumed = (limits: RunLimits, step = 1): AgentEvent => ({
    type: "run-resumed",
    step,
    limits,
    continuous: true,
  });
  const same = watched({ costUsd: 1 }, { spent, said: [{ limit: "cost", of: 1 }] });
  await same.emit(resumed(none));
  assert.deepEqual(same.warnings(), []);
  const raised = watched({ costUsd: 1.1, tokens: 5000, steps: 10 }, { spent, said: [{ limit: "cost", of: 1 }] });
  await raised.emit(resumed(none, 9));
  assert.deepEqual(raised.warnings(), ["steps 8/10", "cost 0.9/1.1"]);
});
