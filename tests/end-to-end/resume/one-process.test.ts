import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { holdFile } from "../../../src/storage/hold-file.js";
import { eventsOfType, lastJournal } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld } from "../support/scripted-world.js";

const canHold = spawnSync("flock", ["--version"]).error === undefined;
const write = (text: string): string => reply("write_to_file", { file: "a.txt", text });

test("a stopped process keeps its run, and one that lost it does nothing more when it is continued", async (t) => {
  let answer = (_text: string): void => undefined;
  const held = new Promise<string>((resolve) => (answer = resolve));
  let requests = 0;
  const script = [() => write("first"), () => held, () => reply("task_complete")];
  const world = await scriptedWorld(t, () => script[requests++]?.() ?? "");
  const running = world.start(["-c"]);
  await running.says("File written to successfully.");
  while (world.server.chatRequests().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  running.child.kill("SIGSTOP");
  const refused = await world.run(["--resume", "last"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, new RegExp(`still going on, in process ${running.child.pid}\\.`));

  const journal = await lastJournal(world.folder);
  await rm(join(dirname(journal), "lock"));
  if (canHold) {
    const still = await world.run(["--resume", "last"]);
    assert.equal(still.code, 2, "the lock was removed by hand, and the process lives");
    // As it is after a backup was put back.
    await copyFile(journal, `${journal}.copy`);
    await rename(`${journal}.copy`, journal);
  }
  const resumed = await world.run(["--resume", "last"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  const events = await world.journal();

  answer(write("second"));
  running.child.kill("SIGCONT");
  const { code, stderr } = await running.ended;
  assert.equal(code, 1);
  assert.match(stderr, /This process does nothing more for the run .*: its lock is gone/);
  assert.equal(await world.file("a.txt"), "first");
  assert.deepEqual(await world.journal(), events);
});

test("a run that another container works on, whose processes are not seen here, is not taken over", async (t) => {
  if (!canHold) return t.skip("needs flock");
  const world = await scriptedWorld(t, [write("first"), reply("task_complete")]);
  await world.run(["-c", "-l", "1"]);
  const journal = await lastJournal(world.folder);
  // An id that no process has here, and what holds the journal there.
  await writeFile(join(dirname(journal), "lock"), JSON.stringify({ pid: 2 ** 30, started: "another boot:1", id: "x" }));
  const there = holdFile(journal);
  assert.equal(there.state, "held");
  const refused = await world.run(["--resume", "last", "-l", "5"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /still going on, in process 1073741824, in another container or on another machine/);
  assert.equal(eventsOfType(await world.journal(), "run-resumed").length, 0);
  if (there.state === "held") there.release();
  assert.equal((await world.run(["--resume", "last", "-l", "5"])).code, 0, "its process is gone");
});
