import assert from "node:assert/strict";
import { test } from "node:test";
import { createCountdown } from "../../../src/console/notes/countdown.js";
import type { JournalEvent } from "../../../src/history/events.js";
import { manualClock } from "../../support/manual-clock.js";

function countingDown(live: boolean) {
  const clock = manualClock();
  const lines: string[] = [];
  const hear = createCountdown({ live, note: (text) => void lines.push(text) }, clock.timer);
  return {
    clock,
    lines,
    wait: (waitMs: number) => hear({ type: "model-retry", waitMs } as JournalEvent),
    goOn: () => hear({ type: "model-requested" } as JournalEvent),
  };
}

test("where no line is live, one is written at full hours and at a few moments before the end", async () => {
  const { clock, lines, wait } = countingDown(false);
  await wait(9_000_000);
  for (let second = 0; second < 9_000; second += 1) clock.advance(1_000);
  const left = lines.map((line) => line.replace(/^Trying again in (.*)\.$/, "$1"));
  assert.deepEqual(left, ["2 h", "1 h", "30 min", "10 min", "5 min", "2 min", "1 min", "30 s", "10 s"]);
});

test("a wait that is over says nothing more, nor does a short one, nor any where a line is live", async () => {
  const { clock, lines, wait, goOn } = countingDown(false);
  await wait(40_000);
  clock.advance(10_000);
  await goOn();
  clock.advance(40_000);
  await wait(9_000);
  clock.advance(9_000);
  assert.deepEqual(lines, ["Trying again in 30 s."]);
  const live = countingDown(true);
  await live.wait(40_000);
  live.clock.advance(40_000);
  assert.deepEqual(live.lines, []);
});
