import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createRunDirectory, removeUnbegun, runNames } from "../../src/history/runs.js";
import { temporaryFolder } from "../support/program.js";

test("a folder without a first line in its journal never was a run, and is removed", async (t) => {
  const home = await temporaryFolder(t);
  const [begun, unbegun] = [createRunDirectory(home, "begun"), createRunDirectory(home, "unbegun")];
  await writeFile(join(begun, "events.jsonl"), "{}\n");
  await writeFile(join(unbegun, "events.jsonl"), '{"seq":1,"ty');
  await mkdir(join(unbegun, "tmp"));
  assert.deepEqual(await runNames(home), ["begun"]);
  for (const directory of [begun, unbegun]) await removeUnbegun(directory);
  assert.deepEqual(await readdir(join(home, "runs")), ["begun"]);
});

test("a journal that cannot be read counts as a run and is never removed", async (t) => {
  const home = await temporaryFolder(t);
  const directory = createRunDirectory(home, "unreadable");
  await mkdir(join(directory, "events.jsonl"));
  assert.deepEqual(await runNames(home), ["unreadable"]);
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
