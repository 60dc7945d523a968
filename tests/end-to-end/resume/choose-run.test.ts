import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { JournalEvent, RunEnd } from "../../../src/history/events.js";
import type { RunSummary } from "../../../src/history/listing/summaries.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { bin, eventsOfType, writeAi } from "../../support/program.js";
import { onTerminal } from "../support/pseudo-terminal.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const nothing = reply("do_nothing");
const write = reply("write_to_file", { file: "a.txt", text: "a" });
const done = reply("task_complete", { reason: "Done." });

const runs = async (world: World): Promise<RunSummary[]> =>
  JSON.parse((await world.run(["runs", "--json"])).stdout) as RunSummary[];

/** Two runs that were stopped by their limit, and behind them one that completed. */
async function withOpenRuns(t: TestContext, next: string): Promise<{ world: World; names: string[] }> {
  const world = await scriptedWorld(t, [write, nothing, nothing, done, next, done]);
  await world.run(["-c", "-y", "-l", "2"]);
  await world.run(["-c", "-y", "-l", "1"]);
  assert.equal((await world.run(["-c", "-y"])).code, 0);
  const names = (await runs(world)).map(({ run }) => run);
  assert.equal(names.length, 3);
  return { world, names };
}

test("--resume goes on with the newest run that can be, not with the last one, and looks back at its goals and last steps", async (t) => {
  const { world, names } = await withOpenRuns(t, nothing);
  const { code, stdout } = await world.run(["--resume", "-l", "9"]);
  assert.equal(code, 0);
  assert.ok(
    stdout.startsWith(`Going on with the run ${names[1]} of Tester (1 step so far; step limit)\n| - Do it\n`) ||
      stdout.includes(`Going on with the run ${names[1]} of Tester (1 step so far; step limit)\n  - Do it\n`),
    stdout,
  );
  assert.match(stdout, / 1 {2}do_nothing: ok\n/);
  const older = await world.run(["--resume", names[0]?.slice(-4) ?? "", "-l", "2", "--output-format", "json"]);
  assert.equal((JSON.parse(older.stdout) as RunEnd).run, names[0]);
});

test("a new run names the open one that it leaves behind; one behind a completed run is not named", async (t) => {
  const world = await scriptedWorld(t, [nothing, done, done]);
  await world.run(["-c", "-y", "-l", "1"]);
  const [first] = await runs(world);
  const second = await world.run(["-c", "-y"]);
  assert.ok(second.stderr.includes(`The run ${first?.run} was stopped at step 1: autogpt --resume goes on with it.`));
  assert.doesNotMatch((await world.run(["-c", "-y"])).stderr, /was stopped at step/);
});

test("on a terminal --resume shows the open runs to choose from, and a new start asks about the open one", async (t) => {
  const { world, names } = await withOpenRuns(t, nothing);
  const size = { columns: 80, rows: 30 };
  const picker = onTerminal(world.start, [process.execPath, bin, "--resume", "-l", "9"], size);
  await picker.shows((screen) => screen.lines().some((line) => line.includes("Which one?")));
  const shown = picker.screen.lines();
  const at = shown.findIndex((line) => line.includes("These runs can be resumed"));
  assert.match(shown[at + 2] ?? "", new RegExp(`1 +${names[1]?.slice(-4)} .*step limit +1 .*Tester`));
  assert.match(shown[at + 3] ?? "", new RegExp(`2 +${names[0]?.slice(-4)} .*step limit +2 .*Tester`));
  await picker.type("7\r");
  // What is typed before a question is shown does not answer it.
  await picker.shows((screen) => screen.lines().filter((line) => line.includes("Which one?")).length === 2);
  await picker.type("2\r");
  assert.equal(await picker.ended, 0);
  assert.ok((await runs(world)).find(({ run }) => run === names[0])?.state === "task-complete");

  const fresh = await scriptedWorld(t, [nothing, done]);
  await fresh.run(["-c", "-y", "-l", "1"]);
  const start = onTerminal(fresh.start, [process.execPath, bin, "-c"], size);
  await start.shows((screen) => screen.lines().some((line) => line.includes("Go on with it?")));
  await start.type("y\r");
  assert.equal(await start.ended, 5);
  assert.equal((await runs(fresh)).length, 1);
});

const prompts = (world: World, request: number): string => world.messages(request)[0]?.content ?? "";

test("a settings file that was changed since a run began is named on --resume, and without a terminal the run keeps its own", async (t) => {
  const world = await scriptedWorld(t, [nothing, done], {
    ai: { goals: ["Write it", "Be quick"] },
    env: { PROMPT_CACHE: "off" },
  });
  await world.run(["-c", "-y", "-l", "1"]);
  await writeAi(world.folder, { goals: [{ goal: "Write it", checks: [{ file_exists: "a.txt" }] }, "Be thorough"] });
  const { stderr, code } = await world.run(["--resume", "-l", "9"]);
  assert.equal(code, 0);
  for (const line of [
    "was changed since this run began",
    "No longer a goal: Be quick",
    "A new goal: Be thorough",
    "Other checks: Write it",
    "keeps to what it began with",
  ])
    assert.ok(stderr.includes(line), stderr);
  assert.match(prompts(world, 1), /Be quick/);
});

test("in a script --accept-changes takes over what was changed, and says so", async (t) => {
  const world = await scriptedWorld(t, [nothing, done], { env: { PROMPT_CACHE: "off" } });
  await world.run(["-c", "-y", "-l", "1"]);
  await writeAi(world.folder, { goals: ["Do it better"] });
  const { stderr, code } = await world.run(["--resume", "-l", "9", "--accept-changes"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /A new goal: Do it better\n[| ]*The run takes this over\./);
  assert.match(prompts(world, 1), /Do it better/);
  assert.equal((await world.run(["-c", "--accept-changes"])).code, 2);
});

test("a run that was started with goals of its own is not compared with the settings file", async (t) => {
  const world = await scriptedWorld(t, [nothing, done]);
  await world.run(["-c", "-l", "1", "--ai-goal", "Another goal"]);
  assert.doesNotMatch((await world.run(["--resume", "-l", "9"])).stderr, /was changed since/);
});

test("on a terminal a run takes over changed goals with a yes, journals them, and keeps them", async (t) => {
  const world = await scriptedWorld(t, [nothing, nothing, done], { env: { PROMPT_CACHE: "off" } });
  await world.run(["-c", "-y", "-l", "1"]);
  await writeAi(world.folder, { role: "an AI that was changed", goals: ["Do it better"] });
  const size = { columns: 100, rows: 30 };
  const terminal = onTerminal(world.start, [process.execPath, bin, "--resume", "-l", "2"], size);
  await terminal.shows((screen) => screen.lines().some((line) => line.includes("Take over the changes?")));
  await terminal.type("y\r");
  assert.equal(await terminal.ended, 5);
  const [resumed] = eventsOfType(await world.journal(), "run-resumed") as Extract<
    JournalEvent,
    { type: "run-resumed" }
  >[];
  assert.deepEqual([resumed?.aiRole, resumed?.goals], ["an AI that was changed", ["Do it better"]]);
  assert.match(prompts(world, 1), /Do it better/);
  const last = await world.run(["--resume", "-l", "9"]);
  assert.equal(last.code, 0);
  assert.doesNotMatch(last.stderr, /was changed since/);
  assert.match(prompts(world, 2), /Do it better/);
});
