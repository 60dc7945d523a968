import assert from "node:assert/strict";
import { test } from "node:test";
import { aboutTools, createToolOffer } from "../../src/agent/offer-tools.js";
import type { Step } from "../../src/history/events.js";
import { allCommands } from "../../src/commands/index.js";
import { toolsOf } from "../../src/prompt/tools.js";

const tools = toolsOf(allCommands);
const stepsOf = (outcomes: string): Step[] =>
  [...outcomes].map((letter, index) => ({
    ...{ step: index + 1, text: "x", command: null, result: { ok: true, text: "" } },
    outcome: letter === "n" ? ("not-understood" as const) : ("ran" as const),
  }));

test("tools are offered after two replies in a row without a command, and then for the rest of the run", () => {
  const offer = createToolOffer({ mode: "auto", tools: () => tools });
  const offered = ["", "n", "nr", "nrn", "nrnn", "nrnnr", "nrnnrr"].map((each) => offer(stepsOf(each)) !== undefined);
  assert.deepEqual(offered, [false, false, false, false, true, true, true]);
  const resumed = createToolOffer({ mode: "auto", tools: () => tools });
  assert.equal(resumed(stepsOf("nrnnrr")), tools);
  assert.equal(createToolOffer({ mode: "on", tools: () => tools })([]), tools);
  assert.equal(createToolOffer({ mode: "off", tools: () => tools })(stepsOf("nnn")), undefined);
});

test("each listed command is a tool with the arguments that the prompt lists, those that may be left out not required", () => {
  const listed = allCommands.filter(({ hidden }) => !hidden);
  assert.deepEqual(
    tools.map(({ command }) => command),
    listed.map(({ name }) => name),
  );
  const write = tools.find(({ command }) => command === "write_to_file");
  assert.deepEqual(write?.parameters["required"], ["file", "text"]);
  for (const { name, parameters } of tools) {
    assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
    assert.equal(parameters["type"], "object");
  }
});

test("the model is told that it may call tools, and which calls were left out; else nothing", () => {
  const steps = stepsOf("r").map((step) => ({ ...step, text: '{"command": {}, "calls_left_out": 2}' }));
  assert.match(aboutTools(steps, false) ?? "", /only the first was carried out, 2 others not/);
  assert.match(aboutTools([], true) ?? "", /call a command as a tool/);
  assert.equal(aboutTools(stepsOf("rn"), false), null);
});
