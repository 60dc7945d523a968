import assert from "node:assert/strict";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, lastJournal } from "../../support/program.js";
import { cutAfter, newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const nothing = reply("do_nothing");
const done = reply("task_complete", { reason: "Done." });
const write = reply("write_to_file", { file: "a.txt", text: "a" });

const resume = async (
  world: World,
  args: readonly string[] = [],
): Promise<{ code: number | null; end: RunEnd; stderr: string }> => {
  const { code, stdout, stderr } = await world.run(["--resume", ...args, "--output-format", "json"]);
  return { code, end: JSON.parse(stdout) as RunEnd, stderr };
};

test("a run goes on in the same journal: run-resumed, no gap in seq, steps and totals counted on", async (t) => {
  const world = await scriptedWorld(t, [write, nothing, done]);
  await world.run(["-c", "-l", "2"]);
  const before = await lastJournal(world.folder);
  const { code, end } = await resume(world, ["-l", "9"]);
  assert.deepEqual([code, end.reason, end.steps, end.usage.requests], [0, "task-complete", 3, 3]);
  assert.equal(await lastJournal(world.folder), before);
  const journal = await world.journal();
  assert.deepEqual(
    journal.map(({ seq }) => seq),
    journal.map((_event, index) => index + 1),
  );
  assert.deepEqual(
    eventsOfType(journal, "run-resumed").map(({ step }) => step),
    [3],
  );
  assert.ok(Math.abs(end.usage.costUsd - world.server.billed().usd) < 1e-9);
  const history = world
    .messages(2)
    .slice(1, -1)
    .map(({ content }) => content);
  assert.deepEqual(
    history.filter((_content, index) => index % 2 === 0),
    [write, nothing],
  );
});

test("the limits and the mode of the journal are kept; flags given with --resume replace them", async (t) => {
  const world = await scriptedWorld(t, () => nothing);
  await world.run(["-c", "-l", "2"]);
  const same = await resume(world);
  assert.deepEqual([same.code, same.end.reason, same.end.steps], [5, "limit-steps", 2]);
  const more = await resume(world, ["-l", "4"]);
  assert.deepEqual([more.code, more.end.steps], [5, 4]);
  assert.equal(world.server.chatRequests().length, 4);
  assert.equal(eventsOfType(await world.journal(), "command-asked").length, 0);
});

test("--require-proof, --gpt3only and the workspace of the journal are kept", async (t) => {
  const world = await scriptedWorld(t, [write, done]);
  await world.run(["-c", "-l", "1", "--require-proof", "--gpt3only", "-w", "elsewhere"]);
  const { code } = await resume(world, ["-l", "5"]);
  assert.equal(code, 3);
  assert.deepEqual(
    world.server.chatRequests().map(({ body }) => body?.model),
    ["gpt-6-luna", "gpt-6-luna"],
  );
  assert.equal(await readFile(join(world.folder, "elsewhere", "a.txt"), "utf8"), "a");
});

test("a completed run says so and ends with its old code, 0 or 3; nothing is asked or added", async (t) => {
  for (const [args, code] of [
    [["-c"], 0],
    [["-c", "--require-proof"], 3],
  ] as const) {
    const world = await scriptedWorld(t, [done]);
    await world.run(args);
    const journal = await world.journal();
    const text = await world.run(["--resume"]);
    assert.equal(text.code, code);
    assert.match(text.stderr, /is completed, so there is nothing to resume/);
    const json = await resume(world);
    assert.deepEqual([json.code, json.end.reason], [code, "task-complete"]);
    assert.deepEqual(await world.journal(), journal);
    assert.equal(world.server.requests.length, 1);
  }
});

test("where there is no run, or none of that name, --resume ends with exit 2", async (t) => {
  const world = await scriptedWorld(t, [nothing]);
  const none = await world.run(["--resume"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /There is no run to resume/);
  await world.run(["-c", "-l", "1"]);
  for (const name of ["no-such-run", "../runs", "."]) {
    const unknown = await world.run(["--resume", name]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /autogpt runs/);
  }
});

test("a run is resumed by its name when it is not the last one", async (t) => {
  const world = await scriptedWorld(t, () => nothing);
  await world.run(["-c", "-l", "1", "-y"]);
  const [first] = eventsOfType(await world.journal(), "run-start");
  await world.run(["-c", "-l", "1", "-y"]);
  const { stdout } = await world.run(["--resume", first?.run ?? "", "-l", "2", "--output-format", "json"]);
  const end = JSON.parse(stdout) as RunEnd;
  assert.deepEqual([end.run, end.steps], [first?.run, 2]);
});

test("a run whose process still lives is not resumed: exit 2", async (t) => {
  const world = await scriptedWorld(t, [write], { faults: { 1: "hang" } });
  const running = world.start(["-c"]);
  await running.says("File written to successfully.");
  const { code, stderr } = await world.run(["--resume"]);
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`still going on, in process ${running.child.pid}`));
});

test("a torn last line is cut off and the run goes on", async (t) => {
  const world = await scriptedWorld(t, [nothing, done]);
  await world.run(["-c", "-l", "1"]);
  await appendFile(await lastJournal(world.folder), '{"seq":99,"type":"comma');
  assert.equal((await resume(world, ["-l", "3"])).code, 0);
  const journal = await world.journal();
  assert.deepEqual(
    journal.map(({ seq }) => seq),
    journal.map((_event, index) => index + 1),
  );
});

test("a journal that is damaged in the middle is refused with its line, exit 2, and left alone", async (t) => {
  const world = await scriptedWorld(t, [nothing]);
  await world.run(["-c", "-l", "1"]);
  const file = await lastJournal(world.folder);
  const damaged = (await readFile(file, "utf8")).replace(/^\{"seq":3/m, "{seq");
  await writeFile(file, damaged);
  const { code, stderr } = await world.run(["--resume"]);
  assert.equal(code, 2);
  assert.match(stderr, /events\.jsonl, line 3/);
  assert.equal(await readFile(file, "utf8"), damaged);
});

test("a reply that was paid for and not used is used: the server sees no second request", async (t) => {
  const world = await scriptedWorld(t, [write, done, done]);
  await world.run(["-c"]);
  await rm(join(world.folder, "workspace", "a.txt"));
  await cutAfter(world, (event) => event.type === "model-replied");
  const { code } = await resume(world);
  assert.equal(code, 0);
  assert.equal(await world.file("a.txt"), "a");
  assert.equal(world.server.chatRequests().length, 2 + 1);
  assert.deepEqual(
    world
      .messages(2)
      .slice(1, 2)
      .map(({ content }) => content),
    [write],
  );
});

test("a reservation without a reply counts as spent", async (t) => {
  const world = await scriptedWorld(t, [nothing, done]);
  await world.run(["-c", "-l", "1"]);
  await cutAfter(world, (event) => event.type === "model-requested");
  const [requested] = eventsOfType(await world.journal(), "model-requested");
  const { end } = await resume(world, ["-l", "3"]);
  assert.ok(end.usage.costUsd > (requested?.reservedUsd ?? Infinity), `${end.usage.costUsd}`);
});

test("a cost limit counts over the whole run", async (t) => {
  const world = await scriptedWorld(t, () => nothing);
  await world.run(["-c", "--max-cost", "0.01"]);
  const requests = world.server.chatRequests().length;
  const { code, end } = await resume(world);
  assert.deepEqual([code, end.reason], [5, "limit-cost"]);
  assert.equal(world.server.chatRequests().length, requests);
  assert.equal((await resume(world, ["--max-cost", "0.02", "-l", "2"])).end.reason, "limit-steps");
});

test("a run that was ended by bad replies gets a fresh chance", async (t) => {
  const world = await scriptedWorld(t, [...Array<string>(5).fill("no"), "no", done]);
  assert.equal((await world.run(["-c"])).code, 4);
  const { code, end } = await resume(world);
  assert.deepEqual([code, end.steps], [0, 7]);
});

test("pitfall 88: sub-agents and their conversations survive a resume", async (t) => {
  const world = await scriptedWorld(t, [
    reply("start_agent", { name: "Clerk", task: "remember", prompt: "The number is 41." }),
    "I will remember 41.",
    reply("list_agents"),
    reply("message_agent", { key: "0", message: "What was the number?" }),
    "It was 41.",
    done,
  ]);
  await world.run(["-c", "-l", "1"]);
  const { code } = await resume(world, ["-l", "9"]);
  assert.equal(code, 0);
  assert.match(newestResult(world.messages(3)), /0: Clerk \(remember\)/);
  const conversation = world.messages(4).map(({ role, content }) => `${role}: ${content}`);
  assert.match(conversation[0] ?? "", /^system: You are Clerk/);
  assert.deepEqual(conversation.slice(1), [
    "user: The number is 41.",
    "assistant: I will remember 41.",
    "user: What was the number?",
  ]);
  assert.match(newestResult(world.messages(5)), /It was 41\./);
});

test("pitfall 88: a sub-agent survives a crash in the middle of its second message, which is asked again", async (t) => {
  const world = await scriptedWorld(t, [
    reply("start_agent", { name: "Clerk", task: "remember", prompt: "One" }),
    "First answer",
    reply("message_agent", { key: "0", message: "Two" }),
    "an answer that the crash takes",
    "Second answer",
    reply("message_agent", { key: "0", message: "Three" }),
    "Third answer",
    done,
  ]);
  await world.run(["-c", "-l", "2"]);
  await cutAfter(world, (event) => event.type === "agent-message" && event.text === "Two");
  assert.equal((await resume(world, ["-l", "9"])).code, 0);
  assert.deepEqual(
    world
      .messages(6)
      .slice(1)
      .map(({ content }) => content),
    ["One", "First answer", "Two", "Second answer", "Three"],
  );
});
