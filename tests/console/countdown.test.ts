import assert from "node:assert/strict";
import { test } from "node:test";
import { createCountdown } from "../../src/console/countdown.js";
import { manualClock } from "../support/manual-clock.js";

function countingDown(watched: boolean) {
  const clock = manualClock();
  const lines: string[] = [];
  const screen = {
    watched,
    note: (text: string) => void lines.push(text),
    wait: (text: string | (() => string)) => void lines.push(typeof text === "string" ? text : text()),
    rest: () => undefined,
  };
  return { clock, lines, countdown: createCountdown(screen, clock.timer) };
}

test("where nobody watches, a line is written at full hours and at a few moments before the end", () => {
  const { clock, lines, countdown } = countingDown(false);
  countdown.start(9_000_000);
  for (let second = 0; second < 9_000; second += 1) clock.advance(1_000);
  const left = lines.map((line) => line.replace(/^Trying again in (.*)\.$/, "$1"));
  assert.deepEqual(left, ["2 h", "1 h", "30 min", "10 min", "5 min", "2 min", "1 min", "30 s", "10 s"]);
});

test("a countdown that is stopped says nothing more, and a short wait says nothing", () => {
  const { clock, lines, countdown } = countingDown(false);
  countdown.start(40_000);
  clock.advance(10_000);
  countdown.stop();
  clock.advance(40_000);
  countdown.start(9_000);
  clock.advance(9_000);
  assert.deepEqual(lines, ["Trying again in 30 s."]);
});

test("on a terminal the time that is left stands in one line", () => {
  const { lines, countdown } = countingDown(true);
  countdown.start(39_900);
  countdown.start(3_723_000);
  assert.deepEqual(lines, ["Trying again in 0:40", "Trying again in 1:02:03"]);
});
