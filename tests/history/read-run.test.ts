import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SettingsError } from "../../src/errors.js";
import type { AgentEvent, JournalEvent } from "../../src/history/events.js";
import { readRun, type RecordedRun } from "../../src/history/read-run.js";
import { isCompleted, resumePoint } from "../../src/history/resume.js";
import { temporaryFolder } from "../support/program.js";
import { runStart } from "./run-start.js";

const usage = { promptTokens: 100, cachedTokens: 10, completionTokens: 20 };
const totals = { ...usage, embeddingTokens: 0, requests: 1, costUsd: 0.01 };
const limits = { steps: 5, costUsd: null, tokens: null, seconds: null };
const thoughts = { text: "", reasoning: "", plan: "", criticism: "", speak: "" };
const command = { name: "do_nothing", args: {} };
const start = runStart({ limits });
const requested = (step: number): AgentEvent => ({
  type: "model-requested",
  step,
  purpose: "think",
  model: "s",
  reservedUsd: 0.5,
  reservedTokens: 4_100,
});
const replied = (step: number, finishReason: "stop" | "length" = "stop"): AgentEvent => ({
  type: "model-replied",
  step,
  purpose: "think",
  text: `reply ${step}`,
  finishReason,
  usage,
  costUsd: 0.01,
});
const parsed = (step: number): AgentEvent => ({ type: "reply-parsed", step, command, problem: null, thoughts });
const started = (step: number): AgentEvent => ({ type: "command-start", step, command });
const ended = (step: number): AgentEvent => ({
  type: "step-end",
  step,
  command,
  outcome: "ran",
  result: { ok: true, text: `result ${step}` },
  totals,
});
const whole = (step: number): AgentEvent[] => [
  requested(step),
  replied(step),
  parsed(step),
  started(step),
  ended(step),
];
const end = (exitCode: number): AgentEvent => ({
  type: "run-end",
  run: "r",
  reason: exitCode === 0 ? "task-complete" : "limit-steps",
  exitCode,
  steps: 1,
  goals: [],
  usage: totals,
  durationMs: 1,
});

async function reading(t: TestContext, events: readonly AgentEvent[], torn = ""): Promise<RecordedRun> {
  const folder = await temporaryFolder(t);
  const lines = events.map((event, index): JournalEvent => ({
    seq: index + 1,
    time: new Date(Date.UTC(2026, 10, 23) + index * 1_000).toISOString(),
    ...event,
  }));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "events.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join("") + torn);
  return readRun(folder);
}

test("steps, replies and results come back as they were, and a torn last line is left out", async (t) => {
  const run = await reading(t, [start, ...whole(1), ...whole(2)], '{"seq":12,"ty');
  assert.deepEqual(
    run.steps.map(({ step, text, outcome, result }) => [step, text, outcome, result.text]),
    [
      [1, "reply 1", "ran", "result 1"],
      [2, "reply 2", "ran", "result 2"],
    ],
  );
  assert.deepEqual([run.lastSeq, run.open, run.end], [11, null, null]);
  assert.deepEqual([run.spent.requests, run.spent.promptTokens, run.spent.costUsd], [2, 200, 0.02]);
  assert.equal(run.durationMs, 10_000);
});

test("a reply whose command has not started is to be used; one that was cut off is not", async (t) => {
  const unused = await reading(t, [start, ...whole(1), requested(2), replied(2), parsed(2)]);
  const point = resumePoint(unused);
  assert.deepEqual([point.unusedReply, point.interrupted, point.steps.length], ["reply 2", null, 1]);
  const cut = await reading(t, [start, requested(1), replied(1, "length")]);
  assert.equal(resumePoint(cut).unusedReply, null);
});

test("a command that started and did not end is an interrupted step, with its reply and its command", async (t) => {
  const { interrupted, unusedReply, steps } = resumePoint(
    await reading(t, [start, ...whole(1), ...whole(2).slice(0, 4)]),
  );
  assert.deepEqual([unusedReply, steps.length], [null, 1]);
  const command = { name: "do_nothing", args: {} };
  assert.deepEqual(interrupted, { step: 2, text: "reply 2", command, foreseen: null, bounds: undefined });
});

test("a request that was never answered counts with all that was reserved for it", async (t) => {
  const run = await reading(t, [start, ...whole(1), requested(2)]);
  assert.deepEqual([run.spent.requests, run.spent.costUsd], [2, 0.51]);
  assert.equal(run.spent.promptTokens + run.spent.completionTokens, 120 + 4_100);
});

test("a request that failed for good counts with what its failure cost, and no later reply is taken for its answer", async (t) => {
  const unused = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  const embedding = { ...requested(1), purpose: "embedding" } as AgentEvent;
  const failed: AgentEvent = { type: "model-failed", step: 1, problem: "no such address", usage: unused, costUsd: 0 };
  const run = await reading(t, [start, ...whole(1), embedding, failed, ...whole(2)]);
  assert.deepEqual(run.spent, {
    promptTokens: 200,
    cachedTokens: 20,
    cacheWriteTokens: 0,
    completionTokens: 40,
    embeddingTokens: 0,
    requests: 3,
    costUsd: 0.02,
  });
});

test("an answer in the background is still waited for whatever becomes of what the step before left for memory", async (t) => {
  const embedding = { ...requested(1), purpose: "embedding" } as AgentEvent;
  const unused = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  const waiting: AgentEvent = { type: "model-waiting", step: 2, purpose: "think", model: "s", response: "resp_1" };
  const retry: AgentEvent = {
    type: "model-retry",
    step: 1,
    attempt: 1,
    waitMs: 5,
    problem: "x",
    usage: unused,
    costUsd: 0,
  };
  const failed: AgentEvent = { type: "model-failed", step: 1, problem: "x", usage: unused, costUsd: 0 };
  const events = [start, ...whole(1), requested(2), embedding, waiting, retry, embedding, failed];
  const run = await reading(t, events);
  assert.deepEqual([run.waiting?.step, run.waiting?.response], [2, "resp_1"]);
  assert.equal(run.waiting?.held?.reservedUsd, 0.5);
  assert.equal((await reading(t, [...events, { ...failed, step: 2 }])).waiting, null);
});

test("what a run-end counted is the truth, and what comes after a resume is added", async (t) => {
  const resumed: AgentEvent = { type: "run-resumed", step: 2, limits: { ...limits, steps: 9 }, continuous: false };
  const events = [start, ...whole(1), end(5), resumed, ...whole(2)];
  const run = await reading(t, events);
  assert.deepEqual([run.limits.steps, run.continuous, run.end], [9, false, null]);
  assert.deepEqual([run.spent.requests, run.spent.promptTokens], [2, 200]);
  assert.equal(run.durationMs, 6_000 + 5_000, "time between the two parts does not count");
  assert.equal(isCompleted(run), false);
});

test("time is what the run's own clock measured, whatever the machine's was set to", async (t) => {
  const at = (elapsedMs: number, time: string) => ({ elapsedMs, time });
  const resumed: AgentEvent = { type: "run-resumed", step: 1, limits, continuous: true };
  const events = [
    { ...start, ...at(0, "2026-11-28T10:00:00.000Z") },
    { ...requested(1), ...at(500, "2026-11-28T13:00:00.000Z") },
    { ...resumed, ...at(500, "1970-01-01T00:00:00.000Z") },
    { ...requested(1), ...at(2_000, "2100-01-01T00:00:00.000Z") },
  ];
  assert.equal((await reading(t, events)).durationMs, 2_000);
  assert.equal((await reading(t, events.slice(0, 2))).durationMs, 500);
});

test("a run that a version without such a clock began counts on from its times", async (t) => {
  const resumed: AgentEvent = { type: "run-resumed", step: 1, limits, continuous: true };
  const older = [start, requested(1), replied(1)];
  assert.equal((await reading(t, [...older, { ...resumed, elapsedMs: 2_000 } as AgentEvent])).durationMs, 2_000);
});

test("steps of which the journal does not say that they are in memory are still to be remembered", async (t) => {
  const remembered: AgentEvent = { type: "step-remembered", step: 2 };
  const { forgotten } = resumePoint(await reading(t, [start, ...whole(1), ...whole(2), remembered, ...whole(3)]));
  assert.deepEqual(
    forgotten.map(({ step }) => step),
    [1, 3],
  );
});

test("only exit codes 0 and 3 are completed runs", async (t) => {
  for (const [code, completed] of [
    [0, true],
    [3, true],
    [4, false],
    [5, false],
    [130, false],
  ] as const)
    assert.equal(isCompleted(await reading(t, [start, ...whole(1), end(code)])), completed, String(code));
});

test("a file that is no journal of this format is refused with its name", async (t) => {
  for (const first of [{ ...start, format: 2 }, whole(1)[0]])
    await assert.rejects(
      reading(t, [first as AgentEvent]),
      (thrown) => thrown instanceof SettingsError && thrown.message.includes("events.jsonl"),
    );
});
