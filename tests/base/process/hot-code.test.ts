import assert from "node:assert/strict";
import { test } from "node:test";
import { endStart, optimiseHotCode } from "../../../src/base/process/hot-code.js";

const launcher = globalThis as { [key: symbol]: (() => void) | undefined };
const symbol = Symbol.for("autogpt.optimise");

/** How often the launcher is asked to optimise while this runs. */
function asked(work: () => void): number {
  let times = 0;
  const before = launcher[symbol];
  launcher[symbol] = () => void (times += 1);
  try {
    work();
  } finally {
    launcher[symbol] = before;
  }
  return times;
}

test("a start is over with the second step", () => {
  const events = (step: number) => () => {
    endStart({ type: "run-start" });
    endStart({ type: "model-requested", step });
    endStart({ type: "model-replied", step, text: "short" });
    endStart({ type: "step-end", step });
  };
  assert.equal(asked(events(1)), 0);
  assert.equal(asked(events(2)), 1);
});

test("a long reply is read by optimised code in the first step, too", () => {
  assert.equal(
    asked(() => endStart({ type: "model-replied", step: 1, text: "x".repeat(1_000_000) })),
    1,
  );
});

test("the launcher is told that a step has ended, and that another one begins", () => {
  const told: boolean[] = [];
  const stepped = Symbol.for("autogpt.stepped");
  Object.assign(globalThis, { [stepped]: (goesOn: boolean) => told.push(goesOn) });
  asked(() => {
    endStart({ type: "model-requested", step: 1 });
    endStart({ type: "step-end", step: 1 });
    endStart({ type: "model-requested", step: 2 });
  });
  delete launcher[stepped];
  assert.deepEqual(told, [false, true]);
});

test("without the launcher nothing is put off", () => {
  assert.doesNotThrow(optimiseHotCode);
});
