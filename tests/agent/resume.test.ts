import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { JournalEvent } from "../../src/history/events.js";
import { readRun, type RecordedRun } from "../../src/history/read-run.js";
import { eventsOfType, temporaryFolder } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import type { AnswerScript } from "../support/scripted-model.js";
import { emptyWorld, keepingMemory, openLoop, type World } from "./scripted-loop.js";

const replies = [
  reply("write", { note: "a", text: "1" }),
  reply("read", { note: "missing" }),
  "this is no reply",
  reply("write", { note: "b", text: "2" }),
  reply("finish"),
];
/** What each step wants does not depend on where the run was cut. */
const byStep: AnswerScript = ({ step }) => replies[step - 1] ?? reply("finish");
const doneByStep = ["write a", "read missing", null, "write b", "finish"];

/** The run of a journal with these events, behind which a crash has left half a line. */
async function recordedIn(t: TestContext, events: readonly JournalEvent[], torn = ""): Promise<RecordedRun> {
  const folder = join(await temporaryFolder(t), "run-1");
  await mkdir(folder);
  await writeFile(join(folder, "events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join("") + torn);
  return readRun(folder);
}

async function wholeRun(): Promise<JournalEvent[]> {
  const loop = openLoop({ answers: byStep });
  await loop.end();
  return loop.events;
}

/** What the commands had done by then: those whose start is on record, whether or not they came to their end. */
function worldOf(events: readonly JournalEvent[]): World {
  const world = emptyWorld();
  for (const { step, command } of eventsOfType(events, "command-start")) {
    world.done.push(doneByStep[step - 1] ?? "");
    if (command.name === "write") world.files.set(String(command.args["note"]), String(command.args["text"]));
  }
  return world;
}

test("cut behind any of its events, a run goes on to the same end: nothing is done twice, asked twice or lost", async (t) => {
  const whole = await wholeRun();
  assert.ok(whole.length > 25);
  for (let kept = 1; kept < whole.length; kept += 1) {
    const before = whole.slice(0, kept);
    const world = worldOf(before);
    const recorded = await recordedIn(t, before, '{"seq":99,"type":"step-e');
    const loop = openLoop({ answers: byStep, world, recorded });
    const end = await loop.end();
    const where = `cut behind event ${kept}, ${before.at(-1)?.type}`;

    const all = [...before, ...loop.events];
    assert.deepEqual(
      all.map(({ seq }) => seq),
      all.map((_, index) => index + 1),
      where,
    );
    const ended = eventsOfType(all, "step-end").map(({ step }) => step);
    assert.deepEqual(
      ended,
      ended.map((_, index) => index + 1),
      where,
    );
    const remembered = eventsOfType(all, "step-remembered").map(({ step }) => step);
    assert.deepEqual([...new Set(remembered)].sort(), ended, where);
    assert.deepEqual([end.reason, end.exitCode, end.steps], ["task-complete", 0, ended.length], where);

    // A command that was under way is told of and not repeated, unless it can do no harm.
    const last = before.at(-1);
    const under = last?.type === "command-start" ? last : null;
    const wanted = doneByStep.flatMap((done, index) => {
      const isRepeated = under?.step === index + 1 && under.command.name !== "write";
      return done === null ? [] : isRepeated ? [done, done] : [done];
    });
    assert.deepEqual(world.done, wanted, where);
    const paid = eventsOfType(before, "model-replied").length;
    assert.equal(eventsOfType(all, "model-replied").length, paid + loop.model.requests.length, where);
    assert.ok(
      loop.model.requests.every(({ step }) => step > paid || under !== null),
      where,
    );
  }
});

test("a command that was under way is told as one that may or may not have happened", async (t) => {
  const whole = await wholeRun();
  const started = whole.findIndex(({ type }) => type === "command-start");
  const recorded = await recordedIn(t, whole.slice(0, started + 1));
  const loop = openLoop({ answers: byStep, recorded });
  await loop.end();
  const [first] = eventsOfType(loop.events, "step-end");
  assert.deepEqual([first?.step, first?.outcome], [1, "unfinished"]);
  assert.match(
    loop.model.requests[0]?.messages.at(-2)?.content ?? "",
    /Command write returned: Error: .* may or may not have happened: look before you repeat it/,
  );
});

test("what was reserved for a request that was never answered counts as spent, what was answered as it was", async (t) => {
  const whole = await wholeRun();
  const second = whole.findLastIndex(
    ({ type, ...event }) => type === "model-requested" && "step" in event && event.step === 2,
  );
  const [first, reserved] = eventsOfType(whole, "model-requested");
  const [replied] = eventsOfType(whole, "model-replied");
  const recorded = await recordedIn(t, whole.slice(0, second + 1));
  assert.ok(first && reserved && replied);
  assert.equal(recorded.spent.requests, 2);
  assert.ok(Math.abs(recorded.spent.costUsd - (replied.costUsd + reserved.reservedUsd)) < 1e-9);
  const { usage } = await openLoop({ answers: byStep, recorded }).end();
  assert.equal(usage.requests, 2 + replies.length - 1);
  assert.ok(usage.costUsd > recorded.spent.costUsd);
});

test("a step that never reached memory is remembered first", async (t) => {
  const whole = await wholeRun();
  const lost = whole.findIndex(({ type }) => type === "step-remembered");
  const recorded = await recordedIn(t, whole.slice(0, lost));
  const memory = keepingMemory();
  const loop = openLoop({ answers: byStep, recorded, memory });
  await loop.end();
  assert.deepEqual(
    loop.events.slice(0, 2).map(({ type }) => type),
    ["run-resumed", "step-remembered"],
  );
  assert.match(memory.kept[0] ?? "", /Written\.$/);
  assert.equal(memory.kept.length, replies.length);
});
