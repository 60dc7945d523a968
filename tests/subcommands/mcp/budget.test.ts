import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { askingForAgent } from "../../../src/base/process/started-by-run.js";
import { agentsMark } from "../../../src/history/runs.js";
import { createServedBudget } from "../../../src/subcommands/mcp/serve/served-budget.js";
import { scriptedWorld } from "../../end-to-end/support/scripted-world.js";
import { lastJournal } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { serveWorld } from "./serve-world.js";

const done = reply("task_complete", { reason: "Done." });

test("shares of a budget are set aside at once and come back less what was spent; what is not known counts as spent", () => {
  const budget = createServedBudget(1);
  const one = budget.reserve(0.25);
  const two = budget.reserve(null);
  assert.deepEqual([one.usd, two.usd], [0.25, 0.75]);
  assert.throws(() => budget.reserve(0.01), /set aside for runs at work.*run_status/);
  two.settle(0.25);
  two.settle(0);
  assert.equal(budget.reserve(9).usd, 0.5);
  one.settle(null);
  assert.throws(() => budget.reserve(0.5), /set aside/);
  const used = createServedBudget(0.5);
  used.reserve(0.5).settle(0.5);
  assert.throws(() => used.reserve(0.1), /is used up\. Its user can start it with more/);
  assert.equal(createServedBudget(null).reserve(2).usd, null);
});

test("all runs of a server together keep to --total-cost: each is held to its share, also where it goes on", async (t) => {
  const gate = new EventEmitter();
  let requests = 0;
  const script = async (): Promise<string> => {
    requests += 1;
    if (requests === 1) {
      gate.emit("asked");
      await once(gate, "open");
    }
    return done;
  };
  const asked = once(gate, "asked");
  const world = await serveWorld(t, script, { flags: { continuous: true }, given: ["--continuous"], totalUsd: 0.5 });
  const begin = (more: object) => world.call("run_goal", { goal: "Do it", wait_seconds: 60, ...more });
  const { status: first } = await begin({ workspace: "one", max_cost_usd: 0.3, wait_seconds: 0 });
  assert.equal(first.limits.cost_usd, 0.3);
  await asked;
  const { status: second } = await begin({ workspace: "two" });
  assert.deepEqual([second.state, second.limits.cost_usd], ["ended", 0.2]);
  assert.ok(second.cost_usd > 0);
  const { status: third } = await begin({ workspace: "three", max_cost_usd: 0.1 });
  assert.deepEqual([third.state, third.limits.cost_usd], ["ended", 0.1]);
  gate.emit("open");
  const { status: over } = await world.call("run_status", { run: first.run, wait_seconds: 60 });
  assert.equal(over.state, "ended");
  const { status: fourth } = await begin({ workspace: "four" });
  const spent = over.cost_usd + second.cost_usd + third.cost_usd;
  assert.ok(Math.abs((fourth.limits.cost_usd ?? 0) - (0.5 - spent)) < 1e-9);
});

test("a run that another agent asks for is marked by its own process, and none that such a run starts", async (t) => {
  const world = await scriptedWorld(t, () => done);
  for (const parent of [process.ppid, process.pid]) {
    await world.run(["-y", "-c"], { env: { ...askingForAgent(parent) } });
    const mark = agentsMark(dirname(await lastJournal(world.folder)));
    assert.equal(existsSync(mark), parent === process.ppid);
  }
});
