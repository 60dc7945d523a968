import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { assertValid, validatorOf } from "../../support/json-schema.js";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { serveWorld } from "./serve-world.js";

const done = reply("task_complete", { reason: "It is written." });
const write = (file: string) => reply("write_to_file", { file, text: "hello" });

for (const era of ["old", "new"] as const)
  test(`an agent of the ${era} protocol gives a goal, sees each question whole, and its answers are to these alone`, async (t) => {
    const world = await serveWorld(t, [write("a.txt"), write("b.txt"), done, done], { era });
    const { tools } = await world.client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["run_goal", "run_status", "answer_question"],
    );
    const { status: first } = await world.call("run_goal", { goal: "Write a file", wait_seconds: 60 });
    assert.equal(first.state, "waiting", JSON.stringify(first));
    assert.deepEqual(
      [first.waits_for?.command, first.waits_for?.args],
      ["write_to_file", { file: "a.txt", text: "hello" }],
    );
    assert.equal((first.waits_for?.preview[0] as { kind: string }).kind, "file");
    const { run } = first;
    const answer = (question: string, more: object) =>
      world.call("answer_question", { run, question, wait_seconds: 60, ...more });

    const other = await answer("0".repeat(64), { answer: "approve" });
    assert.match(other.error ?? "", /asks another question.*Look at it with run_status first/s);
    const asked = first.waits_for?.question ?? "";
    const { status: second } = await answer(asked, { answer: "deny", text: "call it b" });
    assert.equal(second.waits_for?.args["file"], "b.txt");
    assert.match((await answer(asked, { answer: "approve" })).error ?? "", /asks another question/);
    const { status: third } = await answer(second.waits_for?.question ?? "", { answer: "approve" });
    assert.equal(third.waits_for?.command, "task_complete");
    const { status: fourth } = await answer(third.waits_for?.question ?? "", {
      answer: "feedback",
      text: "Look again",
    });
    assert.equal(fourth.waits_for?.command, "task_complete");
    const { status: last } = await answer(fourth.waits_for?.question ?? "", { answer: "approve" });
    assert.deepEqual([last.state, last.reason, last.answer], ["ended", "task-complete", "It is written."]);
    assert.deepEqual(last.goals, [{ goal: "Write a file", verdict: "claimed", evidence: null }]);
    assert.deepEqual(last.files.created, ["b.txt"]);
    assert.equal(await world.file("b.txt"), "hello");

    const journal = await world.journalOf(run);
    for (const event of journal) assertValid(validatorOf("events"), event);
    assert.deepEqual(
      eventsOfType(journal, "command-answered").map(({ answer: said, by, text }) => [said, by, text]),
      [
        ["deny", "agent", "call it b"],
        ["run", "agent", undefined],
        ["run", "agent", undefined],
      ],
    );
    assert.match(JSON.stringify(world.messages(3)), /Human feedback: Look again/);
    const { status: list } = await world.call("run_status");
    assert.deepEqual(
      (list as unknown as { runs: { run: string; state: string }[] }).runs.map((one) => [one.run, one.state]),
      [[run, "ended"]],
    );
  });

test("what an agent may use can be lowered and not raised; where nobody has named a limit, there is one", async (t) => {
  const world = await serveWorld(t, () => done);
  const limitsOf = async (asked: object) =>
    (await world.call("run_goal", { goal: "Do it", wait_seconds: 60, ...asked })).status.limits;
  assert.deepEqual(await limitsOf({}), { cost_usd: 3, tokens: null, seconds: null, steps: null });
  assert.deepEqual(await limitsOf({ max_cost_usd: 50, max_minutes: 2 }), {
    cost_usd: 3,
    tokens: null,
    seconds: 120,
    steps: null,
  });
  assert.equal((await limitsOf({ max_cost_usd: 0.5 })).cost_usd, 0.5);

  const named = await serveWorld(t, () => done, { ai: { more: "api_budget: 0.25\n" }, env: { MAX_TOKENS: "9000" } });
  const { status } = await named.call("run_goal", {
    goal: "Do it",
    max_cost_usd: 1,
    max_tokens: 5000,
    wait_seconds: 60,
  });
  assert.deepEqual(status.limits, { cost_usd: 0.25, tokens: 5000, seconds: null, steps: null });
  // What was lowered for a run stays so when it goes on, whatever the settings allow.
  const question = status.waits_for?.question;
  const { status: after } = await named.call("answer_question", {
    run: status.run,
    question,
    answer: "approve",
    wait_seconds: 60,
  });
  assert.deepEqual([after.state, after.limits.tokens, after.limits.cost_usd], ["ended", 5000, 0.25]);
});

test("rules and protection of the user hold, whatever the other agent says yes to", async (t) => {
  const world = await serveWorld(t, [write("kept.md"), write("free.md"), done], {
    ai: {
      more: 'protect: ["kept.md"]\napprove:\n  delete_file: never\n  task_complete: always\n  write_to_file: { "free.md": never }\n',
    },
  });
  const { status } = await world.call("run_goal", { goal: "Do it", wait_seconds: 60 });
  let now = status;
  for (let round = 0; now.state === "waiting" && round < 5; round++)
    now = (
      await world.call("answer_question", {
        run: now.run,
        question: now.waits_for?.question,
        answer: "approve",
        wait_seconds: 60,
      })
    ).status;
  assert.equal(now.state, "ended");
  assert.deepEqual(now.files, { created: [], changed: [], deleted: [] });
});

test("what cannot be done is an error that says what to do: wrong arguments, unknown runs, runs of the user's, places outside", async (t) => {
  const world = await serveWorld(t, [done]);
  await mkdir(join(world.folder, "outside-target"), { recursive: true });
  await symlink("/tmp", join(world.folder, "link"));
  const errorOf = async (name: string, args: object): Promise<string> =>
    (await world.call(name, { wait_seconds: 0, ...args })).error ?? "no error";
  assert.match(await errorOf("run_goal", {}), /either goal or resume/);
  assert.match(await errorOf("run_goal", { goal: " " }), /goal is empty/);
  assert.match(await errorOf("run_goal", { goal: 7 }), /goal/);
  assert.match(await errorOf("run_goal", { goal: "x", budget: 7 }), /budget/);
  for (const max_cost_usd of [-1, 1e-9, 1e300])
    assert.match(await errorOf("run_goal", { goal: "x", max_cost_usd }), /max_cost_usd/);
  assert.match(await errorOf("run_goal", { goal: "x", max_minutes: 1e300 }), /max_minutes/);
  for (const workspace of ["..", ".", "/tmp/elsewhere", "link/below", ".autogpt/w", "a/.git/hooks", "node_modules/x"])
    assert.match(await errorOf("run_goal", { goal: "x", workspace }), /workspace must/, workspace);
  assert.match(await errorOf("run_status", { run: "../../etc" }), /There is no run.*run_status without a run/s);
  assert.match(
    await errorOf("answer_question", { run: "last", question: "0".repeat(64), answer: "approve" }),
    /There is no run/,
  );
  assert.match(await errorOf("answer_question", { run: "x", question: "y", answer: "yes" }), /answer/);

  const own = await world.run(["-y", "--on-approval", "park"]);
  assert.equal(own.code, 75, own.stderr);
  const [{ run, question }] = JSON.parse((await world.run(["questions", "--json"])).stdout) as [
    { run: string; question: string },
  ];
  assert.match(await errorOf("answer_question", { run, question, answer: "approve" }), /its user's own, who alone/);
  assert.match(await errorOf("run_status", { run }), /its user's own/);
  assert.match(await errorOf("run_goal", { resume: run }), /its user's own/);

  await writeFile(join(world.folder, "ai_settings.yaml"), "ai_goals: [{\n");
  assert.match(await errorOf("run_goal", { goal: "x" }), /ai_settings\.yaml/);
});

test("several runs are at work at a time, and no more than may be; when the agent goes away they stop, and go on later", async (t) => {
  const gate = new EventEmitter();
  let requests = 0;
  const script = async (): Promise<string> => {
    requests += 1;
    if (requests === 2) gate.emit("both");
    if (requests <= 2) await once(gate, "open");
    return done;
  };
  const both = once(gate, "both");
  const world = await serveWorld(t, script, { flags: { continuous: true }, given: ["--continuous"], most: 2 });
  const { status: one } = await world.call("run_goal", { goal: "First", workspace: "one", wait_seconds: 0 });
  const { status: two } = await world.call("run_goal", { goal: "Second", workspace: "two", wait_seconds: 0 });
  assert.deepEqual([one.state, two.state], ["working", "working"]);
  await both;
  assert.match((await world.call("run_goal", { goal: "Third" })).error ?? "", /2 runs are at work.*run_status/s);
  const busy = { run: one.run, question: "0".repeat(64), answer: "deny" };
  assert.match((await world.call("answer_question", busy)).error ?? "", /is at work, and asks nothing/);
  await world.leave();
  gate.emit("open");
  for (const { run } of [one, two]) assert.equal((await world.journalOf(run)).at(-1)?.type, "run-end");

  const back = await world.again();
  const { status: stopped } = await back.call("run_status", { run: one.run });
  assert.deepEqual([stopped.state, stopped.reason], ["stopped", "terminated"]);
  const { status: over } = await back.call("run_goal", { resume: one.run, wait_seconds: 60 });
  assert.deepEqual([over.state, over.workspace], ["ended", join(world.folder, "one")]);
  assert.match((await back.call("run_goal", { resume: one.run })).error ?? "", /has completed/);

  // Whoever holds the lock works on it: here, a process that is certain to live.
  const lock = join(world.folder, ".autogpt", "runs", two.run, "lock");
  await writeFile(lock, `${process.ppid}\n`);
  assert.match((await back.call("run_goal", { resume: two.run })).error ?? "", /Another process \(\d+\) works on/);
});
