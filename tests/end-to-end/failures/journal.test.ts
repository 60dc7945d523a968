import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { lastJournal, long } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const add = (text: string): string => reply("append_to_file", { file: "log.txt", text: `${text}\n` });
const claim = reply("task_complete", { reason: "done" });

/** Lets the `which`th sync of the journal fail, as a full quota or a disk that breaks does: the line is written by then. */
const failSync = (which: number, code: string): string => `
  const fs = require("node:fs");
  const { fdatasyncSync } = fs;
  let count = 0;
  fs.fdatasyncSync = (descriptor) => {
    if (++count === ${which}) throw Object.assign(new Error("${code}: the disk says no"), { code: "${code}" });
    return fdatasyncSync(descriptor);
  };`;

async function runBroken(world: World, code: string) {
  const file = join(world.folder, "break.cjs");
  writeFileSync(file, code);
  return world.run(["-c", "--output-format", "json"], {
    env: { NODE_OPTIONS: `--require ${JSON.stringify(file)}` },
  });
}

const failures = [
  [1, "ENOSPC"],
  [2, "EDQUOT"],
  [3, "EIO"],
  [5, "ENOSPC"],
] as const;

// By EIO fails a sync of the system itself in system-calls.test.ts.
for (const [which, code] of long ? failures : failures.filter((_failure, index) => index !== 2)) {
  test(`a journal whose sync number ${which} fails with ${code} stays readable, and its run is resumed`, async (t) => {
    const world = await scriptedWorld(t, [add("one"), add("two"), claim, claim]);
    const broken = await runBroken(world, failSync(which, code));
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /journal .* cannot be written/);
    const lines = readFileSync(await lastJournal(world.folder), "utf8")
      .split("\n")
      .slice(0, -1);
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { seq: number }).seq),
      lines.map((_line, index) => index + 1),
    );
    if (lines.length === 0) return;
    const resumed = await world.run(["--resume", "-c", "--output-format", "json"]);
    assert.equal(resumed.code, 0, resumed.stderr);
  });
}

test("a copy of a run's folder is neither resumed nor listed as a run of its own, and the first one is not touched", async (t) => {
  const world = await scriptedWorld(t, [add("one"), add("two"), claim]);
  const stopped = await world.run(["-c", "-l", "1", "--output-format", "json"]);
  const { run } = JSON.parse(stopped.stdout) as RunEnd;
  const runs = join(world.folder, ".autogpt", "runs");
  cpSync(join(runs, run as string), join(runs, "copy"), { recursive: true });
  const before = readFileSync(join(runs, run as string, "events.jsonl"), "utf8");
  const copy = await world.run(["--resume", "copy", "-c"]);
  assert.equal(copy.code, 2);
  assert.match(copy.stderr, new RegExp(`is the journal of the run "${run}", not of "copy"`));
  assert.equal(readFileSync(join(runs, run as string, "events.jsonl"), "utf8"), before);
  const listed = await world.run(["runs"]);
  assert.match(listed.stdout, /copy +unreadable/);
  assert.equal((await world.run(["--resume", run as string, "-c", "-l", "9"])).code, 0);
  assert.equal(existsSync(join(runs, "copy", "lock")), false);
});
