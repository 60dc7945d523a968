import assert from "node:assert/strict";
import { test } from "node:test";
import type { AfterStop } from "../../src/agent/step-stops.js";
import { resumePoint } from "../../src/history/resume.js";
import { runOf } from "../../src/history/read-run.js";
import { eventsOfType } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { emptyWorld, openLoop, type Loop, type LoopOptions } from "./scripted-loop.js";

const write = (note: string): string => reply("write", { note, text: "x" });
const feedback = (text: string): AfterStop => ({ kind: "feedback", text });

/** A loop in which the person stops a step at the first event of this type, and then says these things. */
function stopping(type: string, says: AfterStop[], options: Partial<LoopOptions> = {}): Loop & { asked: number } {
  let isFirst = true;
  const loop: Loop & { asked: number } = Object.assign(
    openLoop({
      answers: [write("a"), write("b"), reply("finish")],
      ...options,
      listener(event) {
        if (event.type !== type || !isFirst) return;
        isFirst = false;
        assert.equal(loop.agent.stops.stop(), true);
        assert.equal(loop.agent.stops.stop(), false, "a second one is none for the step");
      },
      afterStop() {
        loop.asked += 1;
        assert.equal(loop.agent.stops.stop(), false, "while the person is asked there is no step to stop");
        return Promise.resolve(says.shift() ?? { kind: "go-on" });
      },
    }),
    { asked: 0 },
  );
  return loop;
}

const ended = ({ events }: Loop) =>
  eventsOfType(events, "step-end").map(
    ({ step, outcome, result }) => `${step} ${outcome} ${result.text.split("\n")[0]}`,
  );

test("stopped while the model is asked: what the person says is a step of its own, and the next request has it", async () => {
  const loop = stopping("context-built", [feedback("Write c instead.")]);
  const end = await loop.end();
  assert.equal(end.reason, "task-complete");
  assert.equal(loop.asked, 1);
  assert.deepEqual(ended(loop)[0], "1 feedback Human feedback: Write c instead.");
  const [first] = loop.model.requests;
  const messages = first?.messages ?? [];
  assert.deepEqual(
    messages.map(({ role }) => role),
    ["system", "assistant", "user", "user"],
  );
  assert.equal(messages[2]?.content, "Human feedback: Write c instead.");
  assert.notEqual(messages[1]?.content, "");
  assert.match(messages.at(-1)?.content ?? "", /Determine which next command to use/);
});

test("nothing said: the same step is thought again, and has no other step on record", async () => {
  const loop = stopping("context-built", []);
  assert.equal((await loop.end()).reason, "task-complete");
  assert.equal(loop.asked, 1);
  assert.deepEqual(
    ended(loop).map((line) => line.slice(0, 5)),
    ["1 ran", "2 ran", "3 ran"],
  );
});

test("stopped before a command starts: it does not start when something else is said, and does when nothing is", async () => {
  const world = emptyWorld();
  const loop = stopping("reply-parsed", [feedback("Not a.")], { world });
  await loop.end();
  assert.deepEqual(world.done, ["write b", "finish"]);
  assert.equal(ended(loop)[0], "1 feedback Human feedback: Not a.");
  const again = emptyWorld();
  await stopping("reply-parsed", [], { world: again }).end();
  assert.deepEqual(again.done, ["write a", "write b", "finish"]);
});

test("stopped while a command runs: its signal is aborted, its step says so, and what the person says follows", async () => {
  const slow = reply("wait");
  const loop = stopping("command-start", [feedback("Enough.")], { answers: [slow, reply("finish")] });
  assert.equal((await loop.end()).reason, "task-complete");
  assert.match(
    ended(loop)[0] ?? "",
    /^1 unfinished Command wait returned: Error: the user stopped this command before it was done/,
  );
  assert.equal(ended(loop)[1], "2 feedback Human feedback: Enough.");
  assert.equal(loop.model.requests.length, 2);
});

test("a command that ended well all the same is what it is, and the person is asked before the next step", async () => {
  const loop = stopping("command-start", [feedback("Go on with c.")]);
  await loop.end();
  assert.deepEqual(ended(loop).slice(0, 2), [
    "1 ran Command write returned: Written.",
    "2 feedback Human feedback: Go on with c.",
  ]);
});

test("the run ends where the person says so; the command's end is on record, and a resume goes on behind it", async () => {
  const loop = stopping("command-start", [{ kind: "stop" }], { answers: [reply("wait"), reply("finish")] });
  const end = await loop.end();
  assert.deepEqual([end.reason, end.exitCode], ["user-stopped", 4]);
  assert.match(end.message ?? "", /--resume/);
  const recorded = runOf({ events: loop.events, validBytes: 0 });
  const { steps, interrupted, unusedReply } = resumePoint(recorded);
  assert.deepEqual([steps.length, interrupted, unusedReply], [1, null, null]);
});

test("a run with what the person said after a stop can be resumed", async () => {
  const loop = stopping("context-built", [feedback("Write c.")], { answers: [write("a")], limitSteps: 2 });
  assert.equal((await loop.end()).reason, "limit-steps");
  const recorded = runOf({ events: loop.events, validBytes: 0 });
  const resumed = openLoop({ answers: [reply("finish")], recorded });
  assert.equal((await resumed.end()).reason, "task-complete");
  assert.ok(resumed.model.requests[0]?.messages.some(({ content }) => content === "Human feedback: Write c."));
});

test("where nobody can be asked no step is stopped, and after the last one there is none", async () => {
  const loop = openLoop({ answers: [reply("finish")] });
  loop.agent.stops.begin();
  assert.equal(loop.agent.stops.stop(), false);
  const other = stopping("no such event", []);
  assert.equal(other.agent.stops.stop(), false, "nothing has begun");
  await other.end();
  assert.equal(other.agent.stops.stop(), false);
});
