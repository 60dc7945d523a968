import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { firstEvent } from "../../../src/base/waiting/first-event.js";

const failed = (thrown: Error): never => {
  throw thrown;
};

test("the first of the events decides, by its value or by what it throws, and nothing listens afterwards", async () => {
  for (const [event, given, wanted] of [
    ["message", 3, { value: 3 }],
    ["exit", 1, { value: "ended with 1" }],
    ["error", new Error("broken"), { error: "broken" }],
  ] as const) {
    const source = new EventEmitter();
    const outcomes = { message: (value: number) => value, exit: (code: number) => `ended with ${code}`, error: failed };
    const waiting = firstEvent<unknown>(source, outcomes).then(
      (value) => ({ value }),
      (thrown: Error) => ({ error: thrown.message }),
    );
    source.emit(event, given);
    source.emit("message", 99);
    assert.deepEqual(await waiting, wanted);
    assert.deepEqual(source.eventNames(), []);
  }
});

test("an event that comes at once is not missed", async () => {
  const source = new EventEmitter();
  const waiting = firstEvent(source, { message: (value: string) => value });
  source.emit("message", "early");
  assert.equal(await waiting, "early");
});

test("the deadline decides where no event comes, counted from now or from an event, and keeps the process alive", async () => {
  const late = (): string => "late";
  assert.equal(await firstEvent<string>(new EventEmitter(), {}, { ms: 1, late }), "late");
  const source = new EventEmitter();
  const waiting = firstEvent<string>(source, { message: () => "message" }, { ms: 1, from: "online", late });
  source.emit("online");
  assert.equal(await waiting, "late");
  assert.deepEqual(source.eventNames(), []);
});

test("what has happened while the process was busy counts before a deadline that passed meanwhile", async () => {
  const { port1, port2 } = new MessageChannel();
  const waiting = firstEvent<string>(
    port1 as unknown as EventEmitter,
    { message: () => "message" },
    { ms: 1, late: () => "late" },
  );
  port2.postMessage("in time");
  const until = performance.now() + 50;
  while (performance.now() < until);
  assert.equal(await waiting, "message");
  port1.close();
});
