import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { bin, long, runProgram, type Ended } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const checked = {
  goals: [{ goal: "Have data", checks: [{ file_contains: { file: "data.txt", pattern: "[0-9]+" } }] }],
};
const completing = [reply("write_to_file", { file: "data.txt", text: "1" }), reply("task_complete")];

/** Runs the program with a part of Node changed by this code. */
async function runBroken(world: World, code: string, args: readonly string[]): Promise<Ended> {
  const file = join(world.folder, "break.cjs");
  writeFileSync(file, code);
  return world.run(args, { env: { NODE_OPTIONS: `--require ${JSON.stringify(file)}` } });
}

const records = (stdout: string): RunEnd[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunEnd);

const deafWorker = `
  const threads = require("node:worker_threads");
  threads.Worker = class extends require("node:events") { terminate() { return Promise.resolve(); } };
  require("node:module").syncBuiltinESMExports();
`;

test("a check whose answer can never come ends the run as a fault: the journal and the record say what was waited for", async (t) => {
  const world = await scriptedWorld(t, completing, { ai: checked });
  // Only the search of the first check is answered by nobody; a file that is not there is not searched.
  const { code, stdout, stderr } = await runBroken(world, deafWorker, ["-c", "--output-format", "json"]);
  assert.equal(code, 1, stderr);
  const [end, ...more] = records(stdout);
  assert.deepEqual([end?.reason, end?.exitCode, more], ["fault", 1, []]);
  assert.match(end?.message ?? "", /waited for check file_contains data\.txt/);
  const last = (await world.journal()).at(-1) as RunEnd;
  assert.deepEqual([last.type, last.reason, last.exitCode], ["run-end", "fault", 1]);
});

test("autogpt check whose answer can never come ends with 1, and says so", async (t) => {
  const world = await scriptedWorld(t, completing, { ai: checked });
  await world.run(["-c"]);
  const whole = await world.run(["check"]);
  assert.equal(whole.code, 0, whole.stdout);
  const { code, stdout, stderr } = await runBroken(world, deafWorker, ["check"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /it waited for autogpt check/);
});

test("a lock that cannot be removed changes nothing of how the run ended, and there is one record", async (t) => {
  const world = await scriptedWorld(t, completing, { ai: checked });
  const code = `
    const fs = require("node:fs");
    const { unlinkSync } = fs;
    fs.unlinkSync = (path) => {
      if (String(path).endsWith("lock")) throw Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
      return unlinkSync(path);
    };
    require("node:module").syncBuiltinESMExports();
  `;
  const ended = await runBroken(world, code, ["-c", "--output-format", "json"]);
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(
    records(ended.stdout).map(({ reason }) => reason),
    ["task-complete"],
  );
});

test("an end that the journal does not take is on standard output, as a fault", async (t) => {
  const world = await scriptedWorld(t, completing, { ai: checked });
  const code = `
    const fs = require("node:fs");
    const { writeSync } = fs;
    fs.writeSync = (fd, data, ...more) => {
      const text = typeof data === "string" ? data : Buffer.from(data).toString();
      if (text.includes('"type":"run-end"') && fd > 2) throw Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" });
      return writeSync(fd, data, ...more);
    };
    require("node:module").syncBuiltinESMExports();
  `;
  const ended = await runBroken(world, code, ["-c", "--output-format", "json"]);
  assert.equal(ended.code, 1, ended.stderr);
  assert.deepEqual(
    records(ended.stdout).map(({ reason, exitCode }) => [reason, exitCode]),
    [["fault", 1]],
  );
});

/** A shell removes its folder, and becomes the program. */
async function inRemovedFolder(args: readonly string[]): Promise<Ended> {
  const cwd = await mkdtemp(join(tmpdir(), "autogpt-removed-"));
  const script = 'rmdir "$PWD" && exec "$0" "$@"';
  return runProgram({ cwd, node: "/bin/sh", program: "-c", args: [script, process.execPath, bin, ...args] });
}

test("in a folder that has been removed, help and version are shown, and all else is refused in one sentence", async () => {
  for (const args of long ? [["--help"], ["-h"], ["--version"]] : [["-h"], ["--version"]]) {
    const { code, stdout, stderr } = await inRemovedFolder(args);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Usage: autogpt|^\d+\.\d+/);
  }
  for (const args of long ? [["-c"], ["check"], ["runs"], ["memory", "stats"]] : [["memory", "stats"]]) {
    const { code, stdout, stderr } = await inRemovedFolder(args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(
      stderr,
      /^The current folder has been removed\. Change to one that exists, and start .*autogpt(?:\.js)? again\.\n$/,
    );
  }
  const { code, stdout } = await inRemovedFolder(["-c", "--output-format", "json"]);
  assert.deepEqual([code, records(stdout).map(({ reason }) => reason)], [2, ["settings"]]);
});
