import assert from "node:assert/strict";
import { mkdir, rm, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  createRunDirectory,
  lastRun,
  newRunName,
  removeAbandonedRuns,
  removeUnbegun,
  runNames,
} from "../../src/history/runs.js";
import { lockRun, whileLocked, whileNewLocked } from "../../src/history/lock/run-lock.js";
import { temporaryFolder } from "../support/program.js";

test("a folder without a first line in its journal never was a run, and is removed", async (t) => {
  const home = await temporaryFolder(t);
  const [begun, unbegun] = [createRunDirectory(home, "begun"), createRunDirectory(home, "unbegun")];
  await writeFile(join(begun, "events.jsonl"), "{}\n");
  await writeFile(join(unbegun, "events.jsonl"), '{"seq":1,"ty');
  await mkdir(join(unbegun, "tmp"));
  assert.deepEqual(runNames(home), ["begun"]);
  for (const directory of [begun, unbegun]) await removeUnbegun(directory);
  assert.deepEqual(await readdir(join(home, "runs")), ["begun"]);
});

test("a journal that cannot be read counts as a run and is never removed", async (t) => {
  const home = await temporaryFolder(t);
  const directory = createRunDirectory(home, "unreadable");
  await mkdir(join(directory, "events.jsonl"));
  assert.deepEqual(runNames(home), ["unreadable"]);
  await removeUnbegun(directory);
  assert.deepEqual(await readdir(directory), ["events.jsonl"]);
});

test("what else lies in the folder of a run that never began stays", async (t) => {
  const home = await temporaryFolder(t);
  const directory = createRunDirectory(home, "other");
  await writeFile(join(directory, "notes.txt"), "mine");
  await removeUnbegun(directory);
  assert.deepEqual(await readdir(directory), ["notes.txt"]);
});

test("what runs left that were killed before their first line is removed; young folders, held ones and runs stay", async (t) => {
  const home = await temporaryFolder(t);
  const names = ["begun", "empty", "held", "killed", "young"];
  const [begun = "", empty = "", held = "", killed = "", young = ""] = names.map((name) =>
    createRunDirectory(home, name),
  );
  await writeFile(join(begun, "events.jsonl"), "{}\n");
  await writeFile(join(killed, "events.jsonl"), "");
  await writeFile(join(killed, "lock"), JSON.stringify({ pid: process.pid, started: "another boot:1" }));
  await writeFile(join(killed, "lock.1f"), "half a lock");
  const lock = lockRun(held);
  // A clock that was set back makes files of the future.
  for (const [folder, date] of [
    [begun, 0],
    [empty, 0],
    [held, 0],
    [killed, 4e9],
  ] as const)
    await utimes(folder, date, date);
  await removeAbandonedRuns(home);
  assert.deepEqual((await readdir(join(home, "runs"))).sort(), ["begun", "held", "young"]);
  assert.ok(young.endsWith("young") && lock.taken);
});

test("a run that was just made is locked at once, and held by the system before its journal is written", async (t) => {
  const home = await temporaryFolder(t);
  const directory = createRunDirectory(home, "new");
  const heldElsewhere = async (): Promise<boolean> => {
    const lock = lockRun(directory);
    if (lock.taken) lock.release();
    return !lock.taken;
  };
  await whileNewLocked(home, "new", async (lease, requireHold) => {
    lease();
    assert.ok(await heldElsewhere());
    await requireHold();
    // As a process of another container sees it, to which the lock's process says nothing.
    await rm(join(directory, "lock"));
    assert.ok(await heldElsewhere());
    assert.throws(lease, /does nothing more for the run new/);
    await writeFile(join(directory, "events.jsonl"), "{}\n");
  });
  assert.equal(await heldElsewhere(), false);
  await assert.rejects(
    whileLocked(home, "new", async () => whileNewLocked(home, "new", async (_lease, held) => held())),
    /still going on/,
  );
});

test("names of runs sort in the order in which they began, whatever the clock says", () => {
  const names: string[] = [];
  for (const time of [
    "2026-11-28T06:15:00.123Z",
    "2026-11-28T06:15:00.123Z",
    "1970-01-01",
    "2100-02-28T23:59:59.999Z",
    "2026-12-01",
  ])
    names.push(newRunName(new Date(time), names));
  assert.deepEqual(
    names.map((name) => name.slice(0, -5)),
    ["20261128-061500-123", "20261128-061500-124", "20261128-061500-125", "21000228-235959-999", "21000301-000000-000"],
  );
  assert.equal(lastRun([...names].reverse()), names.at(-1));
});

test("the last run is one of the program's names, where there is one", () => {
  assert.equal(
    lastRun(["20261128-061500-123-abcd", "backup-of-it", "20261128-061500-123-abcd.bak"]),
    "20261128-061500-123-abcd",
  );
  assert.equal(lastRun(["b", "a"]), "b");
  assert.equal(lastRun([]), undefined);
});
