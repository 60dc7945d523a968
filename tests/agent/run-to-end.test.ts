import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelError, RunError } from "../../src/errors.js";
import type { GoalVerdict } from "../../src/history/goals.js";
import { eventsOfType } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { emptyWorld, keepingMemory, openLoop } from "./scripted-loop.js";

const write = (note: string): string => reply("write", { note, text: "x" });
const finish = reply("finish");
const verdict = (kind: GoalVerdict["verdict"]): GoalVerdict => ({ goal: "g", verdict: kind, evidence: null });
const judged = (kind: GoalVerdict["verdict"]) => () => Promise.resolve([verdict(kind)]);

test("a run begins with run-start, ends with run-end, and both are in the journal before anyone goes on", async () => {
  const { end, events } = openLoop({ answers: [write("a"), finish], judge: judged("proven") });
  const record = await end();
  assert.deepEqual([record.reason, record.exitCode, record.steps], ["task-complete", 0, 2]);
  assert.deepEqual([events[0]?.type, events.at(-1)?.type], ["run-start", "run-end"]);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  assert.deepEqual(record.usage.requests, 2);
});

test("goals are judged once, at the end, and told whether the AI declared its task complete", async () => {
  const told: boolean[] = [];
  const judge = (completed: boolean) => Promise.resolve((told.push(completed), [verdict("open")]));
  await openLoop({ answers: [finish], judge }).end();
  await openLoop({ answers: [write("a")], limitSteps: 1, judge }).end();
  await openLoop({ answers: () => "no", judge }).end();
  assert.deepEqual(told, [true, false, false]);
});

for (const [what, kind, requireProof, reason, exitCode] of [
  ["a goal that is proven", "proven", true, "task-complete", 0],
  ["a goal that is only claimed", "claimed", false, "task-complete", 0],
  ["a goal that is only claimed where proof is required", "claimed", true, "task-complete", 3],
  ["a goal that does not hold any more at the end", "failed", false, "blocked", 4],
] as const) {
  test(`a completed run with ${what}: ${reason}, exit ${exitCode}`, async () => {
    const { end } = openLoop({ answers: [finish], judge: judged(kind), requireProof });
    const record = await end();
    assert.deepEqual([record.reason, record.exitCode, record.goals], [reason, exitCode, [verdict(kind)]]);
  });
}

test("at any other end a goal that failed changes nothing", async () => {
  const { end } = openLoop({ answers: [write("a")], limitSteps: 1, judge: judged("failed"), requireProof: true });
  const { reason, exitCode } = await end();
  assert.deepEqual([reason, exitCode], ["limit-steps", 5]);
});

test("a model that fails for good ends the run with what happened and what to do, and steps stay counted", async () => {
  const failure = new ModelError("wrong-key", "The server refuses the key.");
  const { end, events } = openLoop({ answers: [write("a"), failure] });
  const { reason, exitCode, steps, message } = await end();
  assert.deepEqual([reason, exitCode, steps], ["service-failed", 7, 1]);
  assert.match(message ?? "", /^The server refuses the key\./);
  assert.equal(events.at(-1)?.type, "run-end");
});

test("what is none of our failures is a fault, and is told to who reports faults", async () => {
  const faults: unknown[] = [];
  const failure = new TypeError("x is not a function");
  const { end } = openLoop({ answers: [failure], onFault: (thrown) => void faults.push(thrown) });
  const { reason, exitCode, message } = await end();
  assert.deepEqual([reason, exitCode, message], ["fault", 1, "A fault of this program: x is not a function"]);
  assert.deepEqual(faults, [failure]);
});

test("a run that is completed stays so where its last step cannot be remembered", async () => {
  const memory = keepingMemory(new RunError("interrupted", "Interrupted."));
  const { end } = openLoop({ answers: [finish], memory });
  const { reason, message } = await end();
  assert.deepEqual([reason, message], ["task-complete", undefined]);
});

test("a journal that does not take the end is a fault, whatever the run has reached", async () => {
  const full = new RunError("fault", "The journal cannot be written: the disk is full.");
  const { end } = openLoop({
    answers: [finish],
    listener: ({ type }) => (type === "run-end" ? Promise.reject(full) : Promise.resolve()),
  });
  const { reason, exitCode, message } = await end();
  assert.deepEqual([reason, exitCode, message], ["fault", 1, full.message]);
});

test("the user's no is an end like others, which can be resumed: the reply is not answered by a step", async () => {
  const world = emptyWorld();
  const { end, events } = openLoop({
    answers: [write("a")],
    world,
    approval: { continuous: false, ask: () => Promise.resolve({ kind: "stop" }) },
  });
  const { reason, exitCode, steps } = await end();
  assert.deepEqual([reason, exitCode, steps, world.done], ["user-stopped", 4, 0, []]);
  assert.equal(eventsOfType(events, "step-end").length, 0);
});

test("goals that cannot be judged are not reached: a run that would have completed is a fault, others keep their reason", async () => {
  for (const [answers, reason, exitCode] of [
    [[finish], "fault", 1],
    [[write("a")], "limit-steps", 5],
  ] as const) {
    const faults: unknown[] = [];
    const { end } = openLoop({
      answers,
      limitSteps: 1,
      judge: () => Promise.reject(new TypeError("no judge")),
      onFault: (thrown) => void faults.push(thrown),
    });
    const record = await end();
    assert.deepEqual([record.reason, record.exitCode, record.goals, faults.length], [reason, exitCode, [], 1]);
  }
});
