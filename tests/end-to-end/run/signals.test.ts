import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, long, type Ended, type Running } from "../../support/program.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const write = reply("write_to_file", { file: "a.txt", text: "a" });
const hangs = { faults: { 1: "hang" } } as const;

/** Waits until the model server has got this many chat requests. */
async function asked(world: World, requests: number): Promise<void> {
  while (world.server.chatRequests().length < requests) await new Promise((resolve) => setTimeout(resolve, 10));
}
const lastEvent = async (world: World): Promise<RunEnd> => {
  const journal = await world.journal();
  assert.deepEqual(
    journal.map(({ seq }) => seq),
    journal.map((_event, index) => index + 1),
  );
  return journal.at(-1) as unknown as RunEnd;
};
const signalled = async (
  running: Running,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; signal: string | null; stderr: string }> => {
  running.child.kill(signal);
  return running.ended;
};

/** Ctrl-C as soon as this many requests have come, in a run that shares this process. */
async function interruptedAt(world: World, requests: number, ...given: Parameters<World["run"]>): Promise<Ended> {
  const stop = new AbortController();
  const ended = world.run(given[0], { ...given[1], signal: stop.signal });
  while (world.server.requests.length < requests) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort();
  return ended;
}

test("Ctrl-C during a request that hangs: exit 130 at once, the journal is whole, and it says how to resume", async (t) => {
  const world = await scriptedWorld(t, [write, reply("task_complete")], hangs);
  const running = world.start(["-c"]);
  await asked(world, 2);
  const { code, signal, stderr } = await signalled(running, "SIGINT");
  assert.deepEqual([code, signal], [130, null]);
  assert.match(stderr, /autogpt\.js --resume/);
  const end = await lastEvent(world);
  assert.deepEqual([end.type, end.reason, end.exitCode, end.steps], ["run-end", "interrupted", 130, 1]);

  const resumed = await world.run(["--resume", "--output-format", "json"]);
  assert.equal(resumed.code, 0);
  assert.equal((JSON.parse(resumed.stdout) as RunEnd).steps, 2);
});

test("a second Ctrl-C ends the program at once, even while it carries out the last checks", async (t) => {
  const slow = { goal: "Match", checks: [{ file_contains: { file: "a.txt", pattern: "^(a+)+$" } }] };
  const text = `${"a".repeat(60)}!`;
  const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt", text })], {
    ...hangs,
    ai: { goals: [slow] },
  });
  const running = world.start(["-c"]);
  await asked(world, 2);
  while (running.child.exitCode === null && running.child.signalCode === null) {
    running.child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { code, signal } = await running.ended;
  assert.deepEqual([code, signal], [130, null]);
  // A check that was carried out to its end would have been followed by the run's end.
  const journal = await world.journal();
  assert.equal(journal.at(-1)?.type, "model-requested");
});

test("SIGTERM during a request that hangs: exit code 143, not death by the signal, and a run-end record", async (t) => {
  const world = await scriptedWorld(t, [write], hangs);
  const running = world.start(["-c"]);
  await asked(world, 2);
  const { code, signal, stderr } = await signalled(running, "SIGTERM");
  assert.deepEqual([code, signal], [143, null]);
  assert.match(stderr, /autogpt\.js --resume/);
  const end = await lastEvent(world);
  assert.deepEqual([end.reason, end.exitCode], ["terminated", 143]);
});

const signals = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 143],
] as const;

// Each signal at one of the two places; at both in the long run.
for (const [name, code] of long ? signals : signals.slice(0, 2))
  test(`${name} at the question: exit ${code}, the command does not run, and a resume asks again`, async (t) => {
    const world = await scriptedWorld(t, [write, reply("task_complete")]);
    const running = world.start(["-y"], { openInput: true });
    await running.says("Input:");
    assert.equal((await signalled(running, name)).code, code);
    await assert.rejects(world.file("a.txt"), { code: "ENOENT" });
    assert.equal((await lastEvent(world)).exitCode, code);

    const resumed = await world.run(["--resume"], { input: "y -2\n" });
    assert.equal(resumed.code, 0);
    assert.equal(await world.file("a.txt"), "a");
    assert.equal(world.server.chatRequests().length, 2);
  });

for (const [name, code] of long ? signals : signals.slice(2))
  test(`${name} in the first-run dialogue: exit ${code}, and there is nothing to resume`, async (t) => {
    const world = await scriptedWorld(t, [], { ai: null });
    const running = world.start([], { openInput: true });
    await running.says("AI Name:");
    const ended = await signalled(running, name);
    assert.equal(ended.code, code);
    assert.match(ended.stderr, /^(Interrupted|Terminated)\.$/m);
    assert.doesNotMatch(ended.stderr, /--resume/);
  });

test("Ctrl-C while waiting for the next attempt ends the wait", async (t) => {
  const world = await scriptedWorld(t, [], { faults: () => ({ status: 429, headers: { "retry-after": "60" } }) });
  const running = world.start(["-c"]);
  await running.says("Trying again in 60.0 s");
  assert.equal((await signalled(running, "SIGINT")).code, 130);
  assert.equal(eventsOfType(await world.journal(), "model-retry").length, 1);
});

test("Ctrl-C in a sub-agent's request ends the run, and its step stays open, to be done when the run goes on", async (t) => {
  const world = await scriptedWorld(t, [reply("start_agent", { name: "a", task: "b", prompt: "c" })], hangs);
  assert.equal((await interruptedAt(world, 2, ["-c"])).code, 130);
  const journal = await world.journal();
  assert.equal(eventsOfType(journal, "command-start").length, 1);
  assert.deepEqual(eventsOfType(journal, "step-end"), []);
  assert.deepEqual(eventsOfType(journal, "run-end")[0]?.steps, 0);
});

for (const { name, code, reason } of [
  { name: "do_nothing", code: 130, reason: "interrupted" },
  { name: "task_complete", code: 0, reason: "task-complete" },
]) {
  test(`Ctrl-C while ${name} is being remembered: exit ${code}, and the step counts`, async (t) => {
    const world = await scriptedWorld(t, [reply(name)], { embeddingFaults: { 0: "hang" } });
    const ended = await interruptedAt(world, 2, ["-c"], { env: { MEMORY_BACKEND: "local" } });
    assert.equal(ended.code, code);
    const end = await lastEvent(world);
    assert.deepEqual([end.reason, end.steps], [reason, 1]);
  });
}

test("with stream-json an interrupted run still ends with its run-end record", async (t) => {
  const world = await scriptedWorld(t, [], { faults: { 0: "hang" } });
  const { code, stdout } = await interruptedAt(world, 1, ["-c", "--output-format", "stream-json"]);
  assert.equal(code, 130);
  assert.equal((JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as RunEnd).reason, "interrupted");
});
