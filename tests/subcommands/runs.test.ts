import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunEnd } from "../../src/history/events.js";
import type { RunSummary } from "../../src/history/listing/summaries.js";
import type { RunStatistics } from "../../src/subcommands/runs/stats.js";
import { scriptedWorld, type World } from "../end-to-end/support/scripted-world.js";
import { reply } from "../support/services/fake-open-ai.js";
import { lastJournal, temporaryFolder } from "../support/program.js";

const write = reply("write_to_file", { file: "report.md", text: "# A\n" }, { text: "I write the report." });
const done = reply("task_complete", { reason: "The report is in report.md.\nIt has one line." });
const quit = reply("delete_file", { file: "report.md" });

const goals = [{ goal: "Write it down", checks: [{ file_exists: "report.md" }] }, "Be quick"];
const rules = "approve:\n  delete_file: never\n";

/** A run that was refused something and completed. */
async function completedRun(t: TestContext, env: Record<string, string> = {}): Promise<World> {
  const world = await scriptedWorld(t, [write, quit, done], { ai: { goals, more: rules }, env });
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  return world;
}

const listed = async (world: World): Promise<RunSummary[]> =>
  JSON.parse((await world.run(["runs", "--json"])).stdout) as RunSummary[];

test("the end record has the answer, the workspace, the files that were changed, and what was refused", async (t) => {
  const world = await scriptedWorld(t, [write, quit, done], { ai: { goals, more: rules } });
  const { stdout } = await world.run(["-c", "--output-format", "json"]);
  const end = JSON.parse(stdout) as RunEnd;
  assert.equal(end.answer, "The report is in report.md.\nIt has one line.");
  assert.equal(end.workspace, join(world.folder, "workspace"));
  assert.deepEqual(end.files, { created: ["report.md"], changed: [], deleted: [] });
  assert.equal(end.refusals?.length, 1);
  assert.deepEqual([end.refusals?.[0]?.step, end.refusals?.[0]?.command], [2, "delete_file"]);
  assert.match(end.refusals?.[0]?.reason ?? "", /^the user's rules do not allow this/);
});

test("runs show says why a run ended, and shows goals with evidence, answer, steps, files, refusals, cost and what to type", async (t) => {
  const world = await completedRun(t);
  const [summary] = await listed(world);
  const { stdout } = await world.run(["runs", "show"]);
  for (const expected of [
    `Run ${summary?.run} (${summary?.run.slice(-4)}): complete`,
    "The task is complete.",
    "  proven   Write it down\n           file_exists",
    "  claimed  Be quick",
    "Answer\n  The report is in report.md.\n  It has one line.",
    "report.md\n",
    "Refused\n  step 2, delete_file: the user's rules do not allow this",
    "think",
    "in all",
    `autogpt runs show ${summary?.run.slice(-4)} --step 3`,
  ])
    assert.ok(stdout.includes(expected), `${expected}\n--- is not in\n${stdout}`);
  assert.match(stdout, / 1 {2}write_to_file report\.md +ok +\d\.\d s\n +2 {2}delete_file report\.md +refused\n/);
  assert.doesNotMatch(stdout, /--resume/);
  const json = JSON.parse((await world.run(["runs", "show", "last", "--json"])).stdout) as Record<string, unknown>;
  assert.equal(json["answer"], "The report is in report.md.\nIt has one line.");
  assert.equal((json["stepList"] as unknown[]).length, 3);
  assert.equal((json["spending"] as { purpose: string }[])[0]?.purpose, "think");
});

test("runs show --step shows thoughts, command and result of one step whole; one that is not there is an error", async (t) => {
  const world = await completedRun(t);
  const { stdout } = await world.run(["runs", "show", "--step", "1"]);
  assert.match(stdout, /^Step 1: ok, \d\.\d s\n\nThoughts:\n {2}I write the report\./);
  assert.match(stdout, /Command:\n {2}write_to_file\n\nfile:\n {2}report\.md\n\ntext:\n {2}# A\n/);
  assert.match(stdout, /Result:\n {2}Command write_to_file returned: File written to successfully\./);
  for (const [step, problem] of [
    ["9", /has no step 9: it has finished 3 steps/],
    ["0", /--step must be the number of a step/],
  ] as const) {
    const { code, stderr } = await world.run(["runs", "show", "--step", step]);
    assert.equal(code, 2);
    assert.match(stderr, problem);
  }
});

test("a run is meant by any beginning or end of its name that no other has; several are named, and so is none", async (t) => {
  const world = await scriptedWorld(t, () => reply("do_nothing"));
  for (let count = 0; count < 2; count += 1) await world.run(["-c", "-l", "1", "-y"]);
  const [first, second] = (await listed(world)).map(({ run }) => run);
  const shown = async (name: string): Promise<string> => {
    const { stdout, stderr } = await world.run(["runs", "show", name]);
    return /^Run (\S+)/.exec(stdout)?.[1] ?? stderr;
  };
  assert.equal(await shown(first?.slice(-8) ?? ""), first);
  assert.equal(await shown(second?.slice(0, 19) ?? ""), second);
  assert.equal(await shown("last"), second);
  const several = await shown("2");
  assert.ok(several.includes(`"2" may mean each of ${second}, ${first}`), several);
  assert.match(await shown("no-such"), /There is no run "no-such" in .*autogpt runs lists them/);
});

test("runs of a model without a price say that the price is not known", async (t) => {
  const world = await completedRun(t, { SMART_LLM_MODEL: "local-model" });
  const { stdout } = await world.run(["runs"]);
  assert.match(stdout, /complete +3 .*price not known +Tester/);
});

test("runs --all lists the runs of every folder of the user's, and forgets folders that are gone", async (t) => {
  const state = await temporaryFolder(t);
  const worlds = [await completedRun(t, { XDG_STATE_HOME: state }), await completedRun(t, { XDG_STATE_HOME: state })];
  const [here, there] = worlds as [World, World];
  const all = async (): Promise<string> =>
    (await here.run(["runs", "--all"], { env: { XDG_STATE_HOME: state } })).stdout;
  const both = await all();
  for (const { folder } of worlds) assert.ok(both.includes(folder), both);
  await here.run(["-c", "-y", "-l", "1"], { env: { XDG_STATE_HOME: state } });
  await rm(join(there.folder, ".autogpt"), { recursive: true });
  assert.ok(!(await all()).includes(there.folder));
  const list = (await readFile(join(state, "autogpt", "folders-with-runs.jsonl"), "utf8")).trimEnd().split("\n");
  assert.deepEqual(list, [JSON.stringify(join(here.folder, ".autogpt"))]);
});

test("a list of folders that cannot be written keeps no run from beginning", async (t) => {
  const state = join(await temporaryFolder(t), "file");
  await writeFile(state, "");
  await completedRun(t, { XDG_STATE_HOME: state });
});

test("runs rm says what goes and removes it with --yes only where nobody can be asked; a run that lives stays", async (t) => {
  const world = await completedRun(t);
  const [run] = (await listed(world)).map((one) => one.run);
  const refused = await world.run(["runs", "rm", run ?? ""]);
  assert.equal(refused.code, 2);
  assert.match(refused.stdout, new RegExp(`${run} .* (KB|bytes)`));
  assert.match(refused.stderr, /With --yes these runs are removed/);
  const none = await world.run(["runs", "rm"]);
  assert.match(none.stderr, /Name the runs to remove, or say --older-than 30d/);
  const lock = join(world.folder, ".autogpt", "runs", run ?? "", "lock");
  await writeFile(lock, JSON.stringify({ pid: process.pid, started: null }));
  assert.match((await world.run(["runs", "rm", "last", "--yes"])).stdout, /still going on, and stays/);
  await rm(lock);
  assert.match((await world.run(["runs", "rm", "--older-than", "1d", "--yes"])).stdout, /There is nothing to remove/);
  const snapshots = join(world.folder, ".autogpt", "snapshots");
  assert.equal((await readdir(join(snapshots, "runs"))).length, 1);
  const removed = await world.run(["runs", "rm", "last", "--yes"]);
  assert.match(removed.stdout, /Removed 1 run\./);
  assert.deepEqual(await readdir(join(world.folder, ".autogpt", "runs")), []);
  for (const kept of ["runs", "packs"]) assert.deepEqual(await readdir(join(snapshots, kept)), []);
  const strange = await world.run(["runs", "rm", "--older-than", "soon"]);
  assert.match(strange.stderr, /must be an age such as 12h, 30d or 4w/);
});

test("runs stats counts ends, days, models, cost and time; what cannot be read is named", async (t) => {
  const world = await completedRun(t);
  await world.run(["-c", "-y", "-l", "1", "--gpt3only"]);
  const { stdout } = await world.run(["runs", "stats", "--json"]);
  const stats = JSON.parse(stdout) as RunStatistics;
  assert.deepEqual(
    Object.entries(stats.byState).map(([state, { runs }]) => [state, runs]),
    [
      ["task-complete", 1],
      [Object.keys(stats.byState)[1], 1],
    ],
  );
  assert.equal(stats.all.runs, 2);
  const sum = Object.values(stats.byModel).reduce((cost, totals) => cost + totals.costUsd, 0);
  assert.ok(Math.abs(sum - stats.all.totals.costUsd) < 1e-9);
  await writeFile(await lastJournal(world.folder), "no journal\n");
  const text = (await world.run(["runs", "stats"])).stdout;
  assert.match(text, /^How they ended +Runs +Steps +Time +Tokens +Cost\ncomplete +1 +3 /);
  assert.match(text, /in all +1 /);
  assert.match(text, /cannot be read: 1$/m);
});
