import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { joinSignals, longestTimer, onAbort, sleep, untilAborted } from "../../src/base/abort.js";

const never = new Promise<never>(() => undefined);

test("whoever listens to a signal hears it once, at once where it is aborted already, and not after taking leave", () => {
  const heard: string[] = [];
  const controller = new AbortController();
  onAbort(controller.signal, () => heard.push("first"));
  onAbort(controller.signal, () => heard.push("second"))();
  onAbort(undefined, () => heard.push("no signal"));
  controller.abort();
  onAbort(controller.signal, () => heard.push("late"));
  assert.deepEqual(heard, ["first", "late"]);
});

test("a wait for work ends with the work, or with the reason of the signal, and leaves no listener behind", async () => {
  const controller = new AbortController();
  assert.equal(await untilAborted(Promise.resolve(7), controller.signal), 7);
  await assert.rejects(untilAborted(Promise.reject(new Error("broken")), controller.signal), /broken/);
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  const waiting = untilAborted(never, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(untilAborted(never, controller.signal), /enough/);
});

test("a sleep ends at once with the reason of its signal", async () => {
  const controller = new AbortController();
  await sleep(0, controller.signal);
  const sleeping = sleep(longestTimer, controller.signal);
  controller.abort(new Error("wake up"));
  await assert.rejects(sleeping, /wake up/);
  await assert.rejects(sleep(0, controller.signal), /wake up/);
});

test("the longest timer is one that does not fire at once, as the next longer one does", async (t) => {
  let fired = false;
  const longest = setTimeout(() => (fired = true), longestTimer);
  t.after(() => clearTimeout(longest));
  await new Promise((resolve) => setTimeout(resolve, longestTimer + 1));
  assert.equal(fired, false);
});

test("signals that are joined abort one, with the reason of the first of them, and are left when the work is done", () => {
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const { signal } = joinSignals([first.signal, second.signal]);
  second.abort("enough");
  first.abort("late");
  assert.equal(signal.reason, "enough");
  assert.equal(joinSignals([third.signal, first.signal]).signal.reason, "late");
  const done = joinSignals([third.signal]);
  done.release();
  third.abort();
  assert.equal(done.signal.aborted, false);
});

test("of work that is done nothing is kept, although somebody listens to its signal still", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const run = new AbortController();
  const works = Array.from({ length: 20 }, () => {
    const { signal, release } = joinSignals([run.signal, new AbortController().signal]);
    signal.addEventListener("abort", () => undefined, { once: true });
    release();
    return new WeakRef(signal);
  });
  await nextTurn();
  collect();
  assert.ok(works.filter((work) => work.deref() !== undefined).length <= 1);
  assert.equal(getEventListeners(run.signal, "abort").length, 0);
});
