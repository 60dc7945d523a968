import assert from "node:assert/strict";
import { test } from "node:test";
import { createStepMemory } from "../../src/agent/remember.js";
import type { AgentEvent } from "../../src/history/events.js";
import type { Once } from "../../src/memory/memory.js";
import { keepingMemory, plainStep } from "./scripted-loop.js";

/** A memory of steps that takes those for which `takes` says so; what it tried, and of which steps the journal says that they are there. */
function memoryOfSteps(takes: (step: number) => boolean) {
  const tried: [number, Once | undefined][] = [];
  const kept: number[] = [];
  const memory = createStepMemory({
    run: "r",
    signal: new AbortController().signal,
    emit: (event: AgentEvent) => Promise.resolve(void (event.type === "step-remembered" && kept.push(event.step))),
    memory: {
      ...keepingMemory(),
      add(_text, source, _call, once) {
        tried.push([source.step, once]);
        return Promise.resolve(takes(source.step));
      },
    },
  });
  return { memory, tried, kept };
}

test("of a step that memory did not take the journal does not say that it is there, until it is made up for", async () => {
  let down = true;
  const { memory, tried, kept } = memoryOfSteps(() => !down);
  await memory.remember(plainStep(1));
  await memory.remember(plainStep(2));
  assert.deepEqual(kept, []);
  down = false;
  await memory.remember(plainStep(3));
  assert.deepEqual(kept, [3, 1, 2]);
  assert.deepEqual(tried.slice(-3), [
    [3, "new"],
    [1, "perhaps-there"],
    [2, "perhaps-there"],
  ]);
  await memory.remember(plainStep(4));
  assert.deepEqual(kept, [3, 1, 2, 4]);
});

test("while memory is down each step costs one try, and no row of them", async () => {
  const { memory, tried } = memoryOfSteps(() => false);
  await memory.makeUpFor([plainStep(1), plainStep(2), plainStep(3)]);
  for (const number of [4, 5, 6]) await memory.remember(plainStep(number));
  assert.deepEqual(
    tried.map(([number]) => number),
    [1, 4, 5, 6],
  );
});

test("a step that memory never takes does not keep the others out", async () => {
  const { memory, tried, kept } = memoryOfSteps((number) => number !== 1);
  await memory.makeUpFor([plainStep(1), plainStep(2)]);
  for (const number of [3, 4, 5, 6]) await memory.remember(plainStep(number));
  assert.deepEqual(kept.toSorted(), [2, 3, 4, 5, 6]);
  assert.equal(tried.filter(([number]) => number === 1).length, 3);
});
