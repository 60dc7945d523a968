import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { long } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const add = reply("append_to_file", { file: "log.txt", text: "one\n" });
const claim = reply("task_complete", { reason: "done" });
const day = 86_400_000;

/** The environment of a process whose clock goes wrong by `ms`, from the journal's line number `from` on. */
function wrongClock(world: World, ms: number, from = 0): Record<string, string> {
  const file = join(world.folder, `clock-${ms}-${from}.cjs`);
  const code = `
    const RealDate = Date;
    const fs = require("node:fs");
    const { writeSync } = fs;
    let lines = 0;
    fs.writeSync = (...all) => (lines++, writeSync(...all));
    const now = () => RealDate.now() + (lines >= ${from} ? ${ms} : 0);
    globalThis.Date = class extends RealDate {
      constructor(...all) { all.length > 0 ? super(...all) : super(now()); }
      static now() { return now(); }
    };`;
  writeFileSync(file, code);
  return { NODE_OPTIONS: `--require ${JSON.stringify(file)}` };
}

const endOf = (stdout: string): RunEnd => JSON.parse(stdout) as RunEnd;

const changes = [
  ["back by a day", -day],
  ["forward by ten years", 3_650 * day],
] as const;

for (const [what, ms] of long ? changes : changes.slice(0, 1)) {
  test(`a clock that is set ${what} in the middle of a run changes nothing about how long it took`, async (t) => {
    const world = await scriptedWorld(t, [add, add, claim]);
    const args = ["-c", "--max-time", "1h", "--output-format", "json"];
    const ended = await world.run(args, { env: wrongClock(world, ms, 8) });
    assert.equal(ended.code, 0, ended.stderr);
    const { durationMs } = endOf(ended.stdout);
    assert.ok(durationMs > 0 && durationMs < 120_000, String(durationMs));
    const events = await world.journal();
    const times = events.map(({ elapsedMs }) => elapsedMs ?? -1);
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
    assert.ok(Math.abs(Date.parse(events.at(-1)?.time ?? "") - Date.parse(events[0]?.time ?? "")) > day / 2);
  });
}

test("a clock that is set forward takes nothing from the time that a resumed run has left", async (t) => {
  const world = await scriptedWorld(t, [add, add, claim]);
  const args = ["-c", "--max-time", "1h", "--output-format", "json"];
  const stopped = await world.run([...args, "-l", "1"], { env: wrongClock(world, 3 * 3_600_000, 5) });
  assert.equal(stopped.code, 5);
  const resumed = await world.run(["--resume", "-c", "-l", "9", "--output-format", "json"]);
  assert.equal(resumed.code, 0, resumed.stderr);
});

test("--resume takes the run that began last, also where the clock was set back in between", async (t) => {
  const world = await scriptedWorld(t, [add, add, claim]);
  const args = ["-c", "-l", "1", "--output-format", "json"];
  const first = endOf((await world.run(args)).stdout);
  const second = endOf((await world.run(args, { env: wrongClock(world, -day) })).stdout);
  const resumed = await world.run(["--resume", "-c", "-l", "9", "--output-format", "json"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.deepEqual([endOf(resumed.stdout).run, first.run === second.run], [second.run, false]);
});
