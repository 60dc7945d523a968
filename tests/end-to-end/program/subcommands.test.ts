import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { JournalEvent } from "../../../src/history/events.js";
import type { RunSummary } from "../../../src/history/listing/summaries.js";
import { reply } from "../../support/services/fake-open-ai.js";
import {
  bin,
  journalOf,
  lastJournal,
  repository,
  runProgram,
  temporaryFolder,
  writeAi,
} from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";
import { scriptedWorld } from "../support/scripted-world.js";

test("--version and --help print to standard output, exit 0, and touch nothing", async (t) => {
  const folder = await temporaryFolder(t);
  const version = await runProgram({ cwd: folder, args: ["--version"] });
  const { version: packaged } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
    version: string;
  };
  assert.deepEqual([version.code, version.stdout.trim()], [0, packaged]);
  const help = await runProgram({ cwd: folder, args: ["--help"] });
  assert.equal(help.code, 0);
  for (const word of ["--continuous", "--resume", "--output-format", "runs", "check", "demo"])
    assert.ok(help.stdout.includes(word), word);
  assert.deepEqual(await readdir(folder), []);
});

test("the process ends at once when nothing is left to do, and whoever listens for that is heard, however late it began", async (t) => {
  const folder = await temporaryFolder(t);
  const listen =
    'import{writeSync}from"node:fs";setImmediate(()=>process.on("exit",(code)=>writeSync(1,`heard ${code}`)))';
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(listen)}` };
  const { code, stdout } = await runProgram({ cwd: folder, args: ["--help"], env });
  assert.equal(code, 0);
  assert.match(stdout, /--continuous[^]*heard 0$/);
});

test("an unknown subcommand or flag is named and ends with exit 2", async (t) => {
  const folder = await temporaryFolder(t);
  for (const args of [["dotcor"], ["--fly"], ["runs", "--fly"], ["demo", "extra"]]) {
    const { code, stdout, stderr } = await runInProcess({ cwd: folder, args });
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /fly|extra|argument|dotcor/);
    assert.equal(stdout, "");
  }
  assert.deepEqual(await readdir(folder), []);
});

test("autogpt runs lists id, state, steps and cost: ended, running, killed and unreadable ones", async (t) => {
  const world = await scriptedWorld(t, () => reply("do_nothing"), { faults: { 3: "hang" } });
  assert.match((await world.run(["runs"])).stdout, /There are no runs/);
  await world.run(["-c", "-l", "1"]);
  await world.run(["-c", "-l", "1"]);
  const killed = await lastJournal(world.folder);
  await writeFile(killed, (await readFile(killed, "utf8")).split("\n").slice(0, 4).join("\n") + "\n");
  const running = world.start(["-c"]);
  await running.says("No action performed.");
  const broken = join(world.folder, ".autogpt", "runs", "zzz");
  await mkdir(broken);
  await writeFile(join(broken, "events.jsonl"), '{"type":"something-else"}\n');

  const runs = JSON.parse((await world.run(["runs", "--json"])).stdout) as RunSummary[];
  assert.deepEqual(
    runs.map(({ state }) => state),
    ["limit-steps", "killed", "running", "unreadable"],
  );
  assert.deepEqual(
    runs.map(({ steps }) => steps),
    [1, 0, 1, 0],
  );
  assert.ok((runs[0]?.costUsd ?? 0) > 0);
  const { code, stdout } = await world.run(["runs"]);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^Id +Began +State +Steps +Time +Tokens +Cost +Name +First goal$/);
  assert.match(lines.at(-1) ?? "", /step limit +1 +\d\.\d s +\d+ +\$0\.\d{4} {2}Tester +Do it$/);
});

test("autogpt runs shows names and problems without control characters", async (t) => {
  const folder = await temporaryFolder(t);
  const run = join(folder, ".autogpt", "runs", "zz\u001b[2J\nforged");
  await mkdir(run, { recursive: true });
  await writeFile(join(run, "events.jsonl"), "no journal\n");
  const { stdout } = await runInProcess({ cwd: folder, args: ["runs"] });
  assert.match(stdout, /\nzz\\u001b\[2J\\nforged +unreadable .*\n$/);
});

test("autogpt demo shows the whole agent without key and network, and says that its model is scripted", async (t) => {
  const folder = await temporaryFolder(t);
  const { code, stdout, stderr } = await runProgram({ cwd: folder, args: ["demo"] });
  assert.deepEqual(stderr.match(/WARNING: (?!Continuous mode)[^\n]*/), null, "the script's server is no bad one");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /the model is a script/);
  assert.match(stdout, /Command task_complete returned: Error: the task is not complete yet/);
  assert.match(stdout, /proven \(.*note\.md/);
  assert.match(stdout, /my memory brought it back/);
  assert.match(stdout, /room 214/);
  assert.doesNotMatch(stdout, /Journal: /, "it is removed again");
  assert.deepEqual(await readdir(folder), []);
});

test("the demo takes nothing from the user's settings; with --keep its folder stays, with stream-json it prints its events and nothing else", async (t) => {
  const folder = await temporaryFolder(t);
  await writeAi(folder, { name: "Mine" });
  await writeFile(join(folder, ".env"), "OPENAI_API_KEY=sk-not-for-the-demo\nSMART_LLM_MODEL=mine\n");
  const { code, stdout, stderr } = await runProgram({
    cwd: folder,
    args: ["demo", "--keep", "--output-format", "stream-json"],
    env: { CONTEXT_TOKENS: "1" },
  });
  assert.equal(code, 0, stderr);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JournalEvent);
  const kept = /is kept: (.*)$/m.exec(stderr)?.[1] ?? "";
  t.after(() => rm(kept, { recursive: true, force: true }));
  assert.deepEqual(await journalOf(kept), events);
  const end = events.at(-1);
  assert.equal(end?.type === "run-end" && end.reason, "task-complete");
  assert.deepEqual((await readdir(folder)).sort(), [".env", "ai_settings.yaml"]);
});

test("pitfall 83: started from another folder, everything lies in the current folder and nothing beside the program", async (t) => {
  const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt", text: "a" }), reply("task_complete")]);
  const before = await readdir(repository);
  const { code } = await world.run(["-c"], { env: { HOME: await temporaryFolder(t) } });
  assert.equal(code, 0);
  assert.ok(!bin.startsWith(world.folder));
  assert.deepEqual((await readdir(world.folder)).sort(), [".autogpt", "ai_settings.yaml", "workspace"]);
  assert.deepEqual(await readdir(repository), before);
});

test("pitfall 83: AUTOGPT_HOME and the workspace may begin with ~, and there is only one of each", async (t) => {
  const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt", text: "a" }), reply("task_complete")]);
  const home = await temporaryFolder(t);
  const { code } = await world.run(["-c", "-w", "~/work"], { env: { HOME: home, AUTOGPT_HOME: "~/state" } });
  assert.equal(code, 0);
  assert.equal(await readFile(join(home, "work", "a.txt"), "utf8"), "a");
  assert.equal((await readdir(join(home, "state", "runs"))).length, 1);
  assert.deepEqual(await readdir(world.folder), ["ai_settings.yaml"]);
});
