import assert from "node:assert/strict";
import { test } from "node:test";
import { runAgent, runStep } from "../../src/agent/run-agent.js";
import { BudgetError, RunError } from "../../src/errors.js";
import type { Memory } from "../../src/memory/memory.js";
import type { Step } from "../../src/history/events.js";
import { eventsOfType } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { emptyWorld, keepingMemory, openLoop, type Loop } from "./scripted-loop.js";

const write = (note: string, text = "x"): string => reply("write", { note, text });
const finish = reply("finish");
const results = ({ events }: Loop): string[] => eventsOfType(events, "step-end").map(({ result }) => result.text);
const outcomes = ({ events }: Loop): string[] => eventsOfType(events, "step-end").map(({ outcome }) => outcome);

test("a step is thought, parsed, started, done, ended and remembered, in this order", async () => {
  const world = emptyWorld();
  const doneAt: [string, string[]][] = [];
  const loop = openLoop({
    answers: [write("a")],
    world,
    listener: ({ type }) => void doneAt.push([type, [...world.done]]),
    limitSteps: 1,
  });
  assert.equal(await runAgent(loop.agent, []), "limit-steps");
  assert.deepEqual(doneAt, [
    ["context-built", []],
    ["model-requested", []],
    ["model-replied", []],
    ["reply-parsed", []],
    ["command-start", []],
    ["step-end", ["write a"]],
    ["step-remembered", ["write a"]],
  ]);
});

test("a step is remembered while the next reply is waited for, and is there before that is acted on", async () => {
  const [memory, seen]: [ReturnType<typeof keepingMemory>, string[]] = [keepingMemory(), []];
  let keep = (): void => undefined;
  const kept = new Promise<void>((resolve) => (keep = resolve));
  const slow = { ...memory, add: async (...given: Parameters<Memory["add"]>) => (await kept, memory.add(...given)) };
  const loop = openLoop({
    answers: [write("a"), write("b")],
    memory: slow,
    limitSteps: 2,
    listener: ({ type, ...event }) => {
      seen.push("step" in event ? `${type} ${event.step}` : type);
      if (type === "model-replied" && seen.includes("step-end 1")) keep();
    },
  });
  assert.equal(await runAgent(loop.agent, []), "limit-steps");
  const order = ["model-replied 2", "step-remembered 1", "reply-parsed 2", "step-end 2", "step-remembered 2"];
  assert.deepEqual(
    seen.filter((each) => order.includes(each)),
    order,
  );
});

test("a reply that is there when memory ends the run is not acted on", async () => {
  const memory = keepingMemory();
  const spent = new BudgetError("limit-cost", "Nothing is left.");
  const failing = { ...memory, add: () => Promise.reject(spent) };
  const loop = openLoop({ answers: [write("a"), write("b")], memory: failing });
  await assert.rejects(runAgent(loop.agent, []), spent);
  assert.deepEqual(
    loop.events.map(({ type }) => type).filter((type) => type === "model-replied" || type === "command-start"),
    ["model-replied", "command-start", "model-replied"],
  );
});

test("what cannot be written to the journal does not happen", async () => {
  const world = emptyWorld();
  const full = new RunError("fault", "The journal cannot be written.");
  const loop = openLoop({
    answers: [write("a")],
    world,
    listener: ({ type }) => (type === "command-start" ? Promise.reject(full) : Promise.resolve()),
  });
  await assert.rejects(runAgent(loop.agent, []), full);
  assert.deepEqual(world.done, []);
});

test("names are trimmed, synonyms and renamed arguments understood; what is shown as started is what ran", async () => {
  const world = emptyWorld();
  const loop = openLoop({ answers: [reply(" PUT ", { name: "a", text: 5 }), finish], world });
  assert.equal(await runAgent(loop.agent, []), "task-complete");
  const [parsed] = eventsOfType(loop.events, "reply-parsed");
  const [started] = eventsOfType(loop.events, "command-start");
  assert.deepEqual(parsed?.command, { name: " PUT ", args: { name: "a", text: 5 } });
  assert.deepEqual(started?.command, { name: "write", args: { note: "a", text: "5" } });
  assert.equal(world.files.get("a"), "5");
});

test("a failing command is an answer for the model, and the run goes on", async () => {
  const loop = openLoop({ answers: [reply("read", { note: "missing" }), finish] });
  assert.equal(await runAgent(loop.agent, []), "task-complete");
  assert.equal(results(loop)[0], "Command read returned: Error: There is no note missing.");
  assert.match(loop.model.requests[1]?.messages.at(-2)?.content ?? "", /Error: There is no note missing/);
});

test("a failure that concerns the run itself ends it", async () => {
  const loop = openLoop({ answers: [reply("break")] });
  await assert.rejects(runAgent(loop.agent, []), { reason: "fault", message: "The journal cannot be written." });
  assert.equal(eventsOfType(loop.events, "step-end").length, 0);
});

test("replies that cannot run start nothing and say why: no JSON, unknown names, missing arguments", async () => {
  const world = emptyWorld();
  const loop = openLoop({
    answers: ["I would rather not.", reply("writ", { note: "a" }), reply("write", { note: "a" }), reply(""), finish],
    world,
  });
  assert.equal(await runAgent(loop.agent, []), "task-complete");
  assert.deepEqual(outcomes(loop), ["not-understood", "not-runnable", "not-runnable", "not-understood", "ran"]);
  assert.deepEqual(world.done, ["finish"]);
  const [prose, unknown, missing] = results(loop);
  assert.match(prose ?? "", /^Your last reply could not be used, so nothing was executed: .*JSON/);
  assert.equal(
    unknown,
    "Command writ returned: Unknown command 'writ'. Please refer to the 'COMMANDS' list for available commands and only " +
      "respond in the specified JSON format. Did you mean 'write'?",
  );
  assert.match(missing ?? "", /^Command write returned: Error: the argument "text" is missing/);
});

test("five replies in a row that cannot be understood end the run, ten that cannot run do; a usable one begins anew", async () => {
  const prose = openLoop({ answers: () => "no" });
  assert.equal(await runAgent(prose.agent, []), "bad-replies");
  assert.equal(prose.model.requests.length, 5);

  const unknown = openLoop({ answers: () => reply("fly") });
  assert.equal(await runAgent(unknown.agent, []), "bad-replies");
  assert.equal(unknown.model.requests.length, 10);

  const mixed = openLoop({ answers: ["no", "no", "no", "no", write("a"), "no", "no", "no", "no", finish] });
  assert.equal(await runAgent(mixed.agent, []), "task-complete");
});

test("a resumed run gets a fresh chance: what was wrong before it does not count", async () => {
  const bad: Step[] = Array.from({ length: 5 }, (_, index) => ({
    ...{ step: index + 1, text: "no", command: null, outcome: "not-understood" as const },
    result: { ok: false, text: "?" },
  }));
  const loop = openLoop({ answers: ["no", finish] });
  assert.equal(await runAgent(loop.agent, bad), "task-complete");
  assert.equal(bad.length, 7);
});

test("three completions refused for the same reason end the run as blocked; a note that changed in between gives three more", async () => {
  const claims = (count: number): string[] => Array<string>(count).fill(finish);
  const loop = openLoop({
    answers: [...claims(2), write("a", "1"), ...claims(2), write("a", "1"), ...claims(5)],
    allGoalsMet: () => false,
  });
  assert.equal(await runAgent(loop.agent, []), "blocked");
  assert.equal(loop.model.requests.length, 7);
  assert.equal(results(loop)[0], "Command finish returned: Error: not yet.");
});

test("the limit of steps counts all steps, unusable replies and those of earlier parts included", async () => {
  const steps: Step[] = [];
  const first = openLoop({ answers: ["no", write("a")], limitSteps: 2 });
  assert.equal(await runAgent(first.agent, steps), "limit-steps");
  const second = openLoop({ answers: [write("b")], limitSteps: 3 });
  assert.equal(await runAgent(second.agent, steps), "limit-steps");
  assert.deepEqual(
    steps.map(({ step, outcome }) => [step, outcome]),
    [
      [1, "not-understood"],
      [2, "ran"],
      [3, "ran"],
    ],
  );
});

test("an interruption ends the run before the next step, with the reason of the signal", async () => {
  const controller = new AbortController();
  const loop = openLoop({
    answers: () => write("a"),
    signal: controller.signal,
    listener({ type }) {
      if (type === "step-end") controller.abort(new RunError("terminated", "Terminated."));
    },
  });
  assert.equal(await runAgent(loop.agent, []), "terminated");
  assert.equal(loop.model.requests.length, 1);
});

test("a reply of an earlier part is used once, and the model is asked only afterwards", async () => {
  const world = emptyWorld();
  const loop = openLoop({ answers: [finish], world });
  assert.equal(await runAgent(loop.agent, [], { text: write("a"), cutOff: null }), "task-complete");
  assert.deepEqual(world.done, ["write a", "finish"]);
  assert.equal(loop.model.requests.length, 1);
});

test("what was cut off is never executed, whole as it may look", async () => {
  const world = emptyWorld();
  const loop = openLoop({ answers: [], world });
  const done = (await runStep(loop.agent, [], { text: write("a"), cutOff: "It was cut off." })) as Step;
  assert.deepEqual([done.outcome, done.command, world.done], ["not-understood", null, []]);
  assert.match(done.result.text, /nothing was executed: It was cut off\./);
});

test("rules refuse before anything starts, and so does a command itself; nobody is asked about either", async () => {
  const world = emptyWorld();
  const rules = [{ command: "write", pattern: "secret*", decision: "never" as const }];
  const loop = openLoop({
    answers: [write("secret-1"), reply("read", { note: "hidden" }), finish],
    world,
    approval: { rules },
  });
  assert.equal(await runAgent(loop.agent, []), "task-complete");
  assert.deepEqual(outcomes(loop), ["refused", "refused", "ran"]);
  assert.match(results(loop)[0] ?? "", /^Command write returned: Error: the user's rules do not allow this/);
  assert.equal(results(loop)[1], "Command read returned: Error: it is hidden.");
  assert.deepEqual(world.done, ["finish"]);
});

test("y -2 starts two commands and asks about the third; feedback takes the command's place; n ends the run", async () => {
  const world = emptyWorld();
  const asked: number[] = [];
  const answers = [
    { kind: "run", count: 2 },
    { kind: "feedback", text: "use my key sk-secret instead" },
    { kind: "stop" },
  ] as const;
  const loop = openLoop({
    answers: ["a", "b", "c", "d"].map((note) => write(note)),
    world,
    approval: {
      continuous: false,
      ask: (_command, _review, step) => Promise.resolve(answers[asked.push(step) - 1] ?? { kind: "stop" }),
    },
  });
  await assert.rejects(runAgent(loop.agent, []), { reason: "user-stopped" });
  assert.deepEqual(asked, [1, 3, 4]);
  assert.deepEqual(world.done, ["write a", "write b"]);
  assert.equal(results(loop)[2], "Human feedback: use my key [secret] instead");
  const told = loop.model.requests[3]?.messages ?? [];
  assert.equal(told.at(-2)?.content, "Human feedback: use my key [secret] instead");
  assert.match(told.at(-1)?.content ?? "", /Determine which next command to use/);
});

test("what is remembered of a step is its reply and its result", async () => {
  const memory = keepingMemory();
  const loop = openLoop({ answers: [write("a"), finish], memory });
  await runAgent(loop.agent, []);
  assert.deepEqual(memory.kept, [
    `Assistant Reply: ${write("a")}\nResult: Command write returned: Written.`,
    `Assistant Reply: ${finish}\nResult: Command finish returned: Finished.`,
  ]);
});
