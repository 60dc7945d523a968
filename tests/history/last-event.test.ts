import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { lastEvent } from "../../src/history/listing/last-event.js";
import { readEvents } from "../../src/history/read-events.js";
import { runNames, runsDirectory } from "../../src/history/runs.js";
import { temporaryFolder } from "../support/program.js";

test("the last event is found behind a long line, before blank lines, after a byte order mark; a line without its end is none", async (t) => {
  const file = join(await temporaryFolder(t), "events.jsonl");
  for (const [written, type] of [
    ['{"type":"a"}\n{"type":"b"}\n', "b"],
    ['{"type":"a"}\n{"type":"b"}', "a"],
    ['{"type":"a"}\n\n \r\n\n', "a"],
    ['\ufeff{"type":"a"}\n', "a"],
    [`{"type":"a"}\n{"type":"b","text":"${"x".repeat(200_000)}"}\n${"\n".repeat(100_000)}`, "b"],
    ["\n\n", undefined],
    ["", undefined],
    ["nonsense\n", undefined],
  ] as const) {
    await writeFile(file, written);
    assert.equal(lastEvent(file)?.["type"], type, JSON.stringify(written.slice(0, 60)));
  }
});

test("a folder or a pipe in place of a journal is waited for by nobody, and named", async (t) => {
  const home = await temporaryFolder(t);
  for (const run of ["folder", "pipe"]) await mkdir(join(runsDirectory(home), run), { recursive: true });
  const [folder, pipe] = ["folder", "pipe"].map((run) => join(runsDirectory(home), run, "events.jsonl")) as [
    string,
    string,
  ];
  await mkdir(folder);
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  for (const file of [folder, pipe]) {
    assert.equal(lastEvent(file), null);
    await assert.rejects(readEvents(file), /events\.jsonl is no file, so there is no journal/);
  }
  assert.deepEqual(runNames(home), ["folder", "pipe"]);
});
