import assert from "node:assert/strict";
import { test } from "node:test";
import { BudgetError } from "../../src/errors.js";
import type { Memory } from "../../src/memory/memory.js";
import { openNoMemory } from "../../src/memory/none.js";
import { guardMemory } from "../../src/memory/wrappers.js";
import { source } from "./contract.js";

const quiet = new AbortController().signal;

/** A memory whose every act fails. */
function broken(error: Error): Memory {
  const fail = (): Promise<never> => Promise.reject(error);
  return { add: fail, addMany: fail, recall: fail, stats: fail };
}

test("pitfall 13: a memory that fails costs its recall, and says so once", async () => {
  const warnings: string[] = [];
  const memory = guardMemory(broken(new Error("the server is down")), (message) => warnings.push(message));
  for (let step = 1; step <= 3; step += 1) {
    assert.deepEqual(await memory.recall("red", { count: 1 }, { step, signal: quiet }), []);
    assert.equal(await memory.add("red", source(step), { step, signal: quiet }), false);
    assert.deepEqual(await memory.addMany([{ text: "red", source: source(step) }], { step, signal: quiet }), []);
  }
  assert.equal((await memory.stats()).backend, "unavailable");
  assert.deepEqual(warnings, ["Memory failed, and the run goes on without it: the server is down"]);
  await assert.rejects(memory.unguarded.add("red", source(4), { step: 4, signal: quiet }), /the server is down/);
});

test("an abort and a limit of the run are thrown on", async () => {
  const warn = (message: string): void => assert.fail(message);
  const signal = AbortSignal.abort(new Error("stopped"));
  const aborted = guardMemory(broken(new Error("stopped")), warn);
  await assert.rejects(aborted.add("red", source(1), { step: 1, signal }), /stopped/);
  await assert.rejects(aborted.recall("red", { count: 1 }, { step: 1, signal }), /stopped/);
  const limited = guardMemory(broken(new BudgetError("limit-cost", "spent")), warn);
  await assert.rejects(limited.add("red", source(1), { step: 1, signal: quiet }), { reason: "limit-cost" });
});

test("a memory that works is as it was", async () => {
  const memory = guardMemory(openNoMemory(), (message) => assert.fail(message));
  assert.equal((await memory.stats()).backend, "no_memory");
  assert.equal(await memory.add("red", source(1), { step: 1, signal: quiet }), true);
});
