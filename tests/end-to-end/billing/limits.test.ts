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

test("a step that spends all it gets leaves enough for a last one, and there is one of them", async (t) => {
  const code = "const a = 1;\n".repeat(700);
  const world = await scriptedWorld(t, (request) => {
    const messages = request.body?.messages ?? [];
    if (!JSON.stringify(messages).includes("COMMANDS:")) return "a suggestion ".repeat(150);
    return JSON.stringify(messages).includes("about one more request")
      ? reply("write_to_file", { file: "report.md", text: "what is done, and what is open" })
      : reply("evaluate_code", { code });
  });
  const { code: exit } = await world.run(["-c", "-m", "no_memory", "--max-tokens", "24000"]);
  assert.equal(exit, 5);
  const journal = await world.journal();
  const contexts = eventsOfType(journal, "context-built");
  const last = contexts.findIndex(({ lastBefore }) => lastBefore === "tokens");
  assert.ok(last > 0, "not in the first step");
  const written = eventsOfType(journal, "step-end")[last];
  assert.deepEqual([written?.command?.name, written?.result.ok], ["write_to_file", true]);
  const sent = world.server.requests.length;
  assert.equal((await world.run(["--resume"])).code, 5);
  assert.equal(world.server.requests.length, sent, "under the same limit there is no second last step");
});

test("--max-time keeps time for a last step: the command that runs is ended for it", async (t) => {
  const world = await scriptedWorld(t, (request) =>
    JSON.stringify(request.body?.messages ?? []).includes("about one more step")
      ? reply("write_to_file", { file: "report.md", text: "what is open" })
      : reply("execute_shell", { command_line: "sleep 60" }),
  );
  const { code } = await world.run(["-c", "-m", "no_memory", "--max-time", "4"], {
    env: { EXECUTE_LOCAL_COMMANDS: "True" },
  });
  assert.equal(code, 5);
  const journal = await world.journal();
  const [first, second, ...others] = eventsOfType(journal, "step-end");
  assert.deepEqual(
    [first?.outcome, second?.command?.name, second?.result.ok, others],
    ["unfinished", "write_to_file", true, []],
  );
  assert.match(first?.result.text ?? "", /this command was ended, since the time limit is near, before it was done/);
  const end = eventsOfType(journal, "run-end")[0];
  assert.equal(end?.reason, "limit-time");
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
