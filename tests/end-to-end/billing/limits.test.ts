import assert from "node:assert/strict";
import { test } from "node:test";
import { errorBody, reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { scriptedWorld } from "../support/scripted-world.js";

const forever = (): string => reply("write_to_file", { file: "a.txt", text: String(Math.random()) });

test("continuous mode names its limit at the start and keeps it after a resume, until one is given", async (t) => {
  const world = await scriptedWorld(t, [{ status: 401, body: "" }, { status: 401, body: "" }, forever(), forever()]);
  const first = await world.run(["-c"]);
  assert.match(first.stderr, /You named no limit, so this run ends when it has cost \$3;/);
  await world.run(["--resume"]);
  await world.run(["--resume", "-l", "1"]);
  const journal = await world.journal();
  const byDefault = { steps: null, costUsd: 3, tokens: null, seconds: null, byDefault: true };
  assert.deepEqual(eventsOfType(journal, "run-start")[0]?.limits, byDefault);
  assert.deepEqual(
    eventsOfType(journal, "run-resumed").map(({ limits }) => limits),
    [byDefault, { steps: 1, costUsd: null, tokens: null, seconds: null }],
  );
});

test("at four fifths of a limit it is warned on standard error, whatever is printed, and in the journal", async (t) => {
  const world = await scriptedWorld(t, forever);
  const { stdout, stderr, code } = await world.run(["-c", "-l", "5", "--output-format", "json"]);
  assert.equal(code, 5);
  assert.equal(stderr.split("80 % of the run's limit of 5 steps is used: 4 steps.").length, 2, stderr);
  assert.doesNotMatch(stdout, /80 %/);
  const near = eventsOfType(await world.journal(), "limit-near");
  assert.deepEqual(
    near.map(({ step, limit, used, of }) => ({ step, limit, used, of })),
    [{ step: 4, limit: "steps", used: 4, of: 5 }],
  );
});

test("the model is told of its last step in the last message, which is not kept", async (t) => {
  const world = await scriptedWorld(t, forever);
  await world.run(["-c", "-l", "3"]);
  const told = [0, 1, 2].map((request) => JSON.stringify(world.messages(request)).includes("This is your last step."));
  assert.deepEqual(told, [false, false, true]);
  await world.run(["--resume", "-l", "5"]);
  assert.doesNotMatch(JSON.stringify(world.messages(3)), /last step/);
  assert.match(world.messages(4).at(-1)?.content ?? "", /This is your last step\. Begin nothing new/);
});

test("the model is told when the money pays for about one more request, once, and in time to use it", async (t) => {
  const world = await scriptedWorld(t, (request) =>
    JSON.stringify(request.body?.messages ?? []).includes("about one more request")
      ? reply("task_complete", { reason: "saved" })
      : forever(),
  );
  const { code } = await world.run(["-c", "--max-cost", "0.06"]);
  assert.equal(code, 0, "it completed before the limit");
  assert.ok(world.server.chatRequests().length > 2, "it was not told too early");
});

test("a limit that ends in 9 hours parks a run with --wait 1h: exit 75, the time, and it can be resumed", async (t) => {
  const busy = { status: 429, headers: { "retry-after": "32400" }, body: errorBody("Come back tomorrow") };
  const soon = { status: 429, headers: { "retry-after": "1" }, body: errorBody("slow down") };
  const world = await scriptedWorld(t, [forever(), busy, soon, reply("task_complete", { reason: "done" })]);
  const parked = await world.run(["-c", "--wait", "1h", "--output-format", "json"]);
  const end = JSON.parse(parked.stdout) as { reason: string; exitCode: number; message: string };
  assert.deepEqual([parked.code, end.reason, end.exitCode], [75, "parked", 75]);
  assert.match(
    end.message,
    /alone for 9 hours, until \d{4}-.* UTC, and --wait allows 60 minutes\. To go on then, run ".*--resume"/,
  );
  assert.match((await world.run(["runs"])).stdout, /parked/);
  const resumed = await world.run(["--resume", "--wait", "1h"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /Trying again in 1\.0 s/);
});
