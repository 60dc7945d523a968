import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentEvent, JournalEvent } from "../../src/history/events.js";
import { createEmitter } from "../../src/history/emit.js";
import { createMask } from "../../src/base/mask.js";

const event = (step: number): AgentEvent => ({
  type: "context-built",
  step,
  tokens: 1,
  messages: 2,
  memories: 0,
  recalled: [],
});

test("events are numbered without gaps and reach every listener in order, also when emitted at the same time", async () => {
  const heard: string[] = [];
  const listener = (name: string) => async (told: JournalEvent) => {
    await new Promise((resolve) => setImmediate(resolve));
    heard.push(`${name}${told.seq}`);
  };
  const emit = createEmitter({
    nextSeq: 5,
    mask: createMask([]),
    elapsedMs: () => 0,
    listeners: [listener("a"), listener("b")],
  });
  await Promise.all([emit(event(1)), emit(event(2))]);
  await emit(event(3));
  assert.deepEqual(heard, ["a5", "b5", "a6", "b6", "a7", "b7"]);
});

test("what the journal cannot write nobody else hears, and its number is given to the next event", async () => {
  const heard: number[] = [];
  let full = true;
  const journal = (): void => {
    if (full) throw new Error("disk full");
  };
  const emit = createEmitter({
    nextSeq: 1,
    mask: createMask([]),
    elapsedMs: () => 0,
    listeners: [journal, ({ seq }) => void heard.push(seq)],
  });
  await assert.rejects(emit(event(1)), /disk full/);
  full = false;
  await emit(event(1));
  assert.deepEqual(heard, [1]);
});

test("secrets are masked before any listener hears of them, and the time is ISO 8601 in UTC", async () => {
  const heard: JournalEvent[] = [];
  const emit = createEmitter({
    nextSeq: 1,
    mask: createMask(["hunter22"]),
    elapsedMs: () => 0,
    listeners: [(told) => void heard.push(told)],
  });
  await emit({ type: "command-start", step: 1, command: { name: "x", args: { key: "hunter22" } } });
  assert.doesNotMatch(JSON.stringify(heard), /hunter22/);
  assert.equal(new Date(heard[0]?.time ?? "").toISOString(), heard[0]?.time);
});
