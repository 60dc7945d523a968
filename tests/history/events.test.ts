import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentEvent, JournalEvent } from "../../src/history/events.js";
import { createEmitter } from "../../src/history/emit.js";
import type { JournalEntry } from "../../src/history/run-log.js";
import { createMask } from "../../src/base/mask.js";

const event = (step: number): AgentEvent => ({
  type: "context-built",
  step,
  tokens: 1,
  messages: 2,
  memories: 0,
  recalled: [],
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const seqs = (entries: readonly JournalEntry[]): number[] => entries.map(({ event }) => event.seq);
const requested = (step: number): AgentEvent => ({
  ...{ type: "model-requested", step, purpose: "think", model: "m", reservedUsd: 0, reservedTokens: 1 },
});

test("events are numbered without gaps, written before anybody hears of them, and reach every listener in order, also when emitted at the same time", async () => {
  const heard: string[] = [];
  const listener = (name: string) => async (told: JournalEvent) => {
    await turn();
    heard.push(`${name}${told.seq}`);
  };
  const emit = createEmitter({
    ...{ nextSeq: 5, mask: createMask([]), elapsedMs: () => 0 },
    async write(entries) {
      await turn();
      heard.push(`written ${seqs(entries).join()}`);
    },
    listeners: [listener("a"), listener("b")],
  });
  await Promise.all([emit(event(1)), emit(event(2))]);
  await emit(event(3));
  assert.deepEqual(heard, ["written 5,6", "a5", "b5", "a6", "b6", "written 7", "a7", "b7"]);
});

test("events that come together are written together, but none behind one that has to be on disk before", async () => {
  const written: number[][] = [];
  const emit = createEmitter({
    ...{ nextSeq: 1, mask: createMask([]), elapsedMs: () => 0 },
    write: (entries) => void written.push(seqs(entries)),
    listeners: [],
  });
  const later = async (given: AgentEvent): Promise<void> => {
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    await emit(given);
  };
  await Promise.all([emit(event(1)), later(requested(1)), later(requested(2)), later(event(2)), later(requested(3))]);
  assert.deepEqual(written, [
    [1, 2, 3],
    [4, 5],
  ]);
});

test("what the journal cannot write nobody else hears, none of what came together, and its number is given to the next event", async () => {
  const heard: number[] = [];
  let full = true;
  const emit = createEmitter({
    ...{ nextSeq: 1, mask: createMask([]), elapsedMs: () => 0 },
    write() {
      if (full) throw new Error("disk full");
    },
    listeners: [({ seq }) => void heard.push(seq)],
  });
  const [one, other] = [emit(event(1)), emit(event(2))];
  await assert.rejects(one, /disk full/);
  await assert.rejects(other, /disk full/);
  full = false;
  await emit(event(1));
  assert.deepEqual(heard, [1]);
});

test("a listener that fails does so for its event alone", async () => {
  const heard: number[] = [];
  const emit = createEmitter({
    ...{ nextSeq: 1, mask: createMask([]), elapsedMs: () => 0 },
    write: () => undefined,
    listeners: [
      ({ seq }) => (seq === 1 ? Promise.reject(new Error("deaf")) : undefined),
      ({ seq }) => void heard.push(seq),
    ],
  });
  const [one, other] = [emit(event(1)), emit(event(2))];
  await assert.rejects(one, /deaf/);
  await other;
  assert.deepEqual(heard, [2]);
});

test("secrets are masked before any listener hears of them, and the time is ISO 8601 in UTC", async () => {
  const heard: JournalEvent[] = [];
  const emit = createEmitter({
    nextSeq: 1,
    mask: createMask(["hunter22"]),
    elapsedMs: () => 0,
    write: () => undefined,
    listeners: [(told) => void heard.push(told)],
  });
  await emit({ type: "command-start", step: 1, command: { name: "x", args: { key: "hunter22" } } });
  assert.doesNotMatch(JSON.stringify(heard), /hunter22/);
  assert.equal(new Date(heard[0]?.time ?? "").toISOString(), heard[0]?.time);
});
