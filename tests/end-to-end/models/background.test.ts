import assert from "node:assert/strict";
import test from "node:test";
import { runOf } from "../../../src/history/read-run.js";
import { spendingOf } from "../../../src/history/recorded-usage.js";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { cutAfter, scriptedWorld } from "../support/scripted-world.js";

const script = [reply("write_to_file", { file: "a.txt", text: "one" }), reply("task_complete", { reason: "done" })];
const env = { OPENAI_BACKGROUND: "True" };

test("an answer in the background that was waited for when the run was killed is fetched, not paid again", async (t) => {
  const world = await scriptedWorld(t, script, { env, backgroundLooks: 0 });
  assert.equal((await world.run(["-c", "-y", "--max-cost", "5"])).code, 0);
  const whole = eventsOfType(await world.journal(), "run-end")[0]?.usage;
  await cutAfter(world, ({ type, ...event }) => type === "model-waiting" && "step" in event && event.step === 2);
  const asked = world.server.chatRequests().length;
  const { code, stderr } = await world.run(["--resume", "-y"]);
  assert.equal(code, 0, stderr);
  assert.equal(world.server.chatRequests().length, asked);
  const journal = await world.journal();
  assert.deepEqual(
    eventsOfType(journal, "step-end").map(({ command }) => command?.name),
    ["write_to_file", "task_complete"],
  );
  // What it took counts in the place of what was set aside for it, in the books as in what is read of them.
  assert.deepEqual(eventsOfType(journal, "run-end")[0]?.usage, whole);
  const { spent } = runOf({ events: journal.slice(0, -1), validBytes: 0 });
  assert.deepEqual({ ...spent, costUsd: whole?.costUsd }, whole);
  assert.ok(Math.abs(spent.costUsd - (whole?.costUsd ?? 0)) < 1e-9);
  assert.deepEqual(
    spendingOf(journal).map(({ totals }) => [totals.promptTokens, totals.requests]),
    [[whole?.promptTokens, whole?.requests]],
  );
});

test("a replay has answers in the background on its tape", async (t) => {
  const world = await scriptedWorld(t, script, { env, backgroundLooks: 0 });
  assert.equal((await world.run(["-c", "-y"])).code, 0);
  const asked = world.server.requests.length;
  const { code, stdout, stderr } = await world.run(["replay", "last", "--json"]);
  assert.equal(code, 0, stdout + stderr);
  assert.equal(world.server.requests.length, asked, "nothing is asked in a replay");
});

test("where it cannot be had any more, it is asked for anew", async (t) => {
  const world = await scriptedWorld(t, [...script, ...script.slice(1)], { env, backgroundLooks: 0 });
  assert.equal((await world.run(["-c", "-y"])).code, 0);
  await cutAfter(world, ({ type, ...event }) => type === "model-waiting" && "step" in event && event.step === 2);
  const asked = world.server.chatRequests().length;
  world.server.background.clear();
  const { code, stderr } = await world.run(["--resume", "-y"]);
  assert.equal(code, 0, stderr);
  assert.equal(world.server.chatRequests().length, asked + 1);
  // Nobody says what it took, so what was set aside for it counts.
  const journal = await world.journal();
  const [, reserved] = eventsOfType(journal, "model-requested");
  const replied = eventsOfType(journal, "model-replied").reduce((sum, { costUsd }) => sum + costUsd, 0);
  const [end] = eventsOfType(journal, "run-end");
  assert.ok(Math.abs((end?.usage.costUsd ?? 0) - replied - (reserved?.reservedUsd ?? 0)) < 1e-9);
  assert.deepEqual([end?.usage.estimated, end?.usage.requests], [true, 3]);
});
