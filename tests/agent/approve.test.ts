import assert from "node:assert/strict";
import { test } from "node:test";
import { allowAll, askFor, type Permission } from "../../src/agent/approve.js";
import type { PreparedCommand } from "../../src/commands/prepare.js";
import { RunError } from "../../src/errors.js";

const command: PreparedCommand = {
  ok: true,
  call: { name: "do_nothing", args: {} },
  effect: "nothing",
  run: async () => ({ ok: true, text: "" }),
};

/** Answers in order; `asked` holds the steps that were asked about. */
function person(...answers: Permission[]): { approve: ReturnType<typeof askFor>; asked: number[] } {
  const asked: number[] = [];
  const approve = askFor(async (_command, step) => {
    asked.push(step);
    return answers.shift() ?? { kind: "stop" };
  });
  return { approve, asked };
}

test("y -N allows exactly N commands, the one that was asked about included", async () => {
  const { approve, asked } = person({ kind: "run", count: 3 }, { kind: "run", count: 1 }, { kind: "run", count: 2 });
  for (let step = 1; step <= 6; step++) assert.deepEqual(await approve(command, step), { kind: "run" });
  assert.deepEqual(asked, [1, 4, 5]);
  await assert.rejects(approve(command, 7), RunError);
});

test("feedback is handed on and allows nothing", async () => {
  const { approve, asked } = person({ kind: "feedback", text: "no" }, { kind: "run", count: 1 });
  assert.deepEqual(await approve(command, 1), { kind: "feedback", text: "no" });
  assert.deepEqual(await approve(command, 2), { kind: "run" });
  assert.deepEqual(asked, [1, 2]);
});

test("stopping is thrown with its reason and says how to go on", async () => {
  const { approve } = person({ kind: "stop" });
  await assert.rejects(approve(command, 1), (thrown: RunError) => {
    assert.equal(thrown.reason, "user-stopped");
    assert.match(thrown.message, /--resume/);
    return true;
  });
});

test("in continuous mode everything is allowed", async () => {
  assert.deepEqual(await allowAll(command, 1), { kind: "run" });
});
