import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentEvent, JournalEvent } from "../../src/history/events.js";
import { createEmitter } from "../../src/history/emit.js";
import { forkedLines } from "../../src/history/fork/fork-events.js";
import type { Replica } from "../../src/history/lock/replica.js";
import { readEvents } from "../../src/history/read-events.js";
import { journalFile, openRunLog, type JournalEntry } from "../../src/history/run-log.js";
import { emptyTotals } from "../../src/history/totals.js";
import { createMask } from "../../src/base/mask.js";
import { temporaryFolder } from "../support/program.js";
import { runStart } from "./run-start.js";

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

test("events that are brought to the disk together say which of them is the last, and no others do", async () => {
  const marks: (number | undefined)[] = [];
  const emit = createEmitter({
    ...{ nextSeq: 7, mask: createMask([]), elapsedMs: () => 0 },
    write: (entries) => void marks.push(...entries.map(({ line }) => (JSON.parse(line) as JournalEvent).together)),
    listeners: [],
  });
  await Promise.all([emit(event(1)), emit(requested(1)), emit(requested(1)), emit(requested(1))]);
  await Promise.all([emit(event(2)), emit(event(2)), emit(requested(2))]);
  await emit(requested(2));
  assert.deepEqual(marks, [undefined, 10, 10, 10, undefined, undefined, undefined, undefined]);
});

test("a forked run numbers its events anew, and does not say of them what came together", () => {
  const stamp = { time: "2026-11-30T00:00:00.000Z", elapsedMs: 1 };
  const command = { name: "x", args: {} };
  const result = { ok: true, text: "done" };
  const totals = emptyTotals();
  const lines = forkedLines(
    [
      { ...stamp, seq: 1, ...runStart() },
      { ...stamp, seq: 2, together: 2, type: "command-start", step: 1, command },
      { ...stamp, seq: 3, type: "step-end", step: 1, command, outcome: "ran", result, totals },
    ],
    { run: "r2", version: "0.1.0", step: 1, now: new Date() },
  );
  const told = lines.map((line) => JSON.parse(line) as JournalEvent);
  assert.deepEqual(
    told.map(({ seq, type, together }) => [seq, type, together]),
    [
      [1, "run-start", undefined],
      [2, "command-start", undefined],
      [3, "step-end", undefined],
    ],
  );
});

test("an event that cannot be made a line is refused alone: those that came with it are numbered and marked without it", async () => {
  const written: [number, number | undefined][] = [];
  const emit = createEmitter({
    ...{ nextSeq: 1, mask: createMask([]), elapsedMs: () => 0 },
    write(entries) {
      for (const { event: each } of entries) written.push([each.seq, each.together]);
    },
    listeners: [],
  });
  const args: Record<string, unknown> = {};
  args["itself"] = args;
  const cyclic: AgentEvent = { type: "command-start", step: 1, command: { name: "x", args: args as never } };
  const ends = await Promise.allSettled([event(1), cyclic, requested(1), cyclic, requested(1)].map(emit));
  assert.deepEqual(
    ends.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"],
  );
  await assert.rejects(emit(cyclic));
  await emit(event(2));
  assert.deepEqual(written, [
    [1, undefined],
    [2, 3],
    [3, 3],
    [4, undefined],
  ]);
});

test("where a copy is refused the journal has the events, nobody hears of them, and their numbers are not given again", async (t) => {
  const folder = await temporaryFolder(t);
  let isRefused = true;
  const replica: Replica = {
    ...{ run: "r", requireOurs: () => undefined, reserve: () => Promise.resolve(), heard: () => Promise.resolve() },
    accept: () => (isRefused ? Promise.reject(new Error("not ours")) : Promise.resolve()),
    turn: () => Promise.resolve(0),
  };
  const log = openRunLog(folder, { replica });
  const heard: number[] = [];
  const emit = createEmitter({
    ...{ nextSeq: 1, mask: createMask([]), elapsedMs: () => 0, write: log.write },
    listeners: [({ seq }) => void heard.push(seq)],
  });
  await emit(runStart());
  const together = await Promise.allSettled([emit(event(1)), emit(requested(1))]);
  assert.deepEqual(
    together.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  isRefused = false;
  await emit(requested(1));
  log.close();
  assert.deepEqual(heard, [1, 4]);
  const { events } = await readEvents(journalFile(folder));
  assert.deepEqual(
    events.map(({ seq, type }) => [seq, type]),
    [
      [1, "run-start"],
      [2, "context-built"],
      [3, "model-requested"],
      [4, "model-requested"],
    ],
  );
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
