import assert from "node:assert/strict";
import { test } from "node:test";
import { runOf } from "../../../src/history/read-run.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { openLoop, type Loop } from "../scripted-loop.js";

const read = reply("read", { note: "missing" });
const finish = reply("finish");
const lastMessages = ({ model }: Loop): string[] =>
  model.requests.map(({ messages }) => messages.at(-1)?.content ?? "");

test("a run in a circle is told so in its next request alone, and ends with exit code 6 where nothing helps", async () => {
  const loop = openLoop({ answers: () => read });
  const end = await loop.end();
  assert.deepEqual([end.reason, end.exitCode, end.steps], ["going-in-circles", 6, 11]);
  assert.match(
    end.message ?? "",
    /^The run went in circles.* read with \{"note":"missing"\} was used in steps 1, 2 and 3/,
  );
  assert.deepEqual(
    eventsOfType(loop.events, "circle-found").map(({ step, rung }) => [step, rung]),
    [3, 5, 7, 9, 11].map((step, index) => [step, index + 1]),
  );
  const told = lastMessages(loop).map((text) => text.includes("You are repeating yourself."));
  assert.deepEqual(told, [false, false, false, ...Array<boolean>(8).fill(true)]);
  const stored = loop.model.requests.at(-1)?.messages.slice(0, -1) ?? [];
  assert.ok(stored.every(({ content }) => !content.includes("You are repeating yourself.")));
});

test("the last but one remedy is a history without the circle, of which the ledger tells, and a livelier choice of words goes before", async () => {
  const loop = openLoop({ answers: () => read });
  await loop.end();
  assert.deepEqual(
    loop.model.requests.map(({ messages }) => messages.length),
    [2, 4, 6, 8, 10, 12, 14, 16, 18, 3, 5],
  );
  assert.deepEqual(
    loop.model.requests.map(({ temperature }) => temperature ?? null),
    [...Array<null>(7).fill(null), 1, 1, 1, 1],
  );
});

test("a model that listens goes on, and a resumed run does not hear of it again", async () => {
  const loop = openLoop({ answers: [read, read, read, finish] });
  const end = await loop.end();
  assert.equal(end.reason, "task-complete");

  const cut = loop.events.findIndex(({ type }) => type === "circle-found") + 1;
  const recorded = runOf({ events: loop.events.slice(0, cut), validBytes: 0 });
  const resumed = openLoop({ answers: [finish], recorded });
  assert.equal((await resumed.end()).reason, "task-complete");
  assert.match(lastMessages(resumed)[0] ?? "", /You are repeating yourself\./);
  assert.deepEqual(eventsOfType(resumed.events, "circle-found"), []);
});
