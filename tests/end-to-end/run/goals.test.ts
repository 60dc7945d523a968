import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const checked = {
  goal: "Write the report",
  checks: [{ file_contains: { file: "report.md", pattern: "^## Sources$" } }],
};
const claim = reply("task_complete", { reason: "All is done." });
const write = reply("write_to_file", { file: "report.md", text: "# Report\n\n## Sources\n" });
const recorded = async (world: World, args: readonly string[]): Promise<{ code: number | null; end: RunEnd }> => {
  const { code, stdout } = await world.run([...args, "--output-format", "json"]);
  return { code, end: JSON.parse(stdout) as RunEnd };
};

test("completion claimed twice while a check fails is refused; after the file is written it is proven", async (t) => {
  const world = await scriptedWorld(t, [claim, claim, write, claim], { ai: { goals: [checked] } });
  const { code, end } = await recorded(world, ["-c"]);
  assert.equal(code, 0);
  assert.deepEqual([end.reason, end.exitCode, end.steps], ["task-complete", 0, 4]);
  assert.equal(end.goals[0]?.verdict, "proven");
  assert.match(end.goals[0]?.evidence ?? "", /report\.md.*found/);
  const refusal = newestResult(world.messages(1));
  assert.match(refusal, /Command task_complete returned: Error: .*Write the report.*report\.md.*not found/s);
});

test("a script that never does what the check wants is blocked after five claims, verdict failed", async (t) => {
  const world = await scriptedWorld(t, Array<string>(20).fill(claim), { ai: { goals: [checked] } });
  const { code, end } = await recorded(world, ["-c"]);
  assert.equal(code, 4);
  assert.deepEqual([end.reason, end.exitCode, end.steps], ["blocked", 4, 5]);
  assert.equal(end.goals[0]?.verdict, "failed");
  assert.match(end.goals[0]?.evidence ?? "", /report\.md/);
});

test("a file that changes between claims gives five more; one written with the same content does not", async (t) => {
  const note = (text: string): string => reply("write_to_file", { file: "note.md", text });
  const script = [claim, claim, claim, claim, note("a"), claim, claim, claim, claim, note("a"), claim, claim];
  const world = await scriptedWorld(t, script, { ai: { goals: [checked] } });
  const { end } = await recorded(world, ["-c"]);
  assert.deepEqual([end.reason, end.steps], ["blocked", 11]);
});

test("a goal without checks is claimed after task_complete; with --require-proof that is exit 3", async (t) => {
  const world = await scriptedWorld(t, () => claim, { ai: { goals: ["Only talk"] } });
  const { code, end } = await recorded(world, ["-c"]);
  assert.equal(code, 0);
  assert.deepEqual(end.goals, [{ goal: "Only talk", verdict: "claimed", evidence: null }]);

  const strict = await recorded(world, ["-c", "--require-proof"]);
  assert.equal(strict.code, 3);
  assert.deepEqual(
    [strict.end.reason, strict.end.exitCode, strict.end.goals[0]?.verdict],
    ["task-complete", 3, "claimed"],
  );
});

test("with --require-proof a run whose goals are all proven ends with exit 0", async (t) => {
  const world = await scriptedWorld(t, [write, claim], { ai: { goals: [checked] } });
  const { code, end } = await recorded(world, ["-c", "--require-proof"]);
  assert.equal(code, 0);
  assert.equal(end.goals[0]?.verdict, "proven");
});

test("at any other end the checks run too: proven stays proven, what nobody claimed is open", async (t) => {
  const world = await scriptedWorld(t, [write, reply("do_nothing")], { ai: { goals: [checked, "Talk about it"] } });
  const { code, end } = await recorded(world, ["-c", "-l", "2"]);
  assert.equal(code, 5);
  assert.deepEqual(
    end.goals.map(({ verdict }) => verdict),
    ["proven", "open"],
  );
});

test("the verdicts are shown at the end of a run", async (t) => {
  const world = await scriptedWorld(t, [write, claim], { ai: { goals: [checked, "Say so"] } });
  const { stdout } = await world.run(["-c", "-y"]);
  assert.match(stdout, /GOAL: Write the report: proven \(file_contains report\.md .*found\)/);
  assert.match(stdout, /GOAL: Say so: claimed/);
});

const twoGoals = { goals: [checked, { goal: "Have data", checks: [{ file_exists: "data/a.csv" }] }, "Talk"] };

test("autogpt check carries out the checks alone: exit 4 while one fails, 0 when all pass", async (t) => {
  const world = await scriptedWorld(t, [], { ai: twoGoals });
  await mkdir(join(world.folder, "workspace", "data"), { recursive: true });
  await writeFile(join(world.folder, "workspace", "data", "a.csv"), "1");

  const failing = await world.run(["check"]);
  assert.equal(failing.code, 4);
  assert.match(failing.stdout, /failed: "Write the report"\n.*report\.md/);
  assert.match(failing.stdout, /proven: "Have data"/);

  await writeFile(join(world.folder, "workspace", "report.md"), "## Sources");
  const passing = await world.run(["check", "--json"]);
  assert.equal(passing.code, 0);
  const { passed, goals } = JSON.parse(passing.stdout) as { passed: boolean; goals: RunEnd["goals"] };
  assert.equal(passed, true);
  assert.deepEqual(
    goals.map(({ verdict }) => verdict),
    ["proven", "proven", "open"],
  );
  assert.equal(world.server.requests.length, 0);
});

test("autogpt check says what is missing where there are no goals, exit 2", async (t) => {
  const world = await scriptedWorld(t, [], { ai: null });
  const { code, stderr } = await world.run(["check"]);
  assert.equal(code, 2);
  assert.match(stderr, /ai_settings\.yaml does not exist/);
});

test("a run check where nothing confines it is refused before anything starts, exit 2", async (t) => {
  const world = await scriptedWorld(t, [claim], {
    ai: { goals: [{ goal: "Compute", checks: [{ run: "touch pwned" }] }] },
  });
  for (const SANDBOX of ["pyodide", "none"]) {
    for (const args of [["-c", "-y"], ["check"]]) {
      const { code, stderr } = await world.run(args, { env: { SANDBOX } });
      assert.equal(code, 2);
      assert.match(stderr, /Compute.*run touch pwned.*file_exists or file_contains/s);
    }
  }
  assert.equal(world.server.requests.length, 0);
  await assert.rejects(world.file("pwned"));
});

test("a check outside the workspace fails and reads nothing", async (t) => {
  const goal = { goal: "Escape", checks: [{ file_contains: { file: "../ai_settings.yaml", pattern: "ai_name" } }] };
  const world = await scriptedWorld(t, [], { ai: { goals: [goal] } });
  const { code, stdout } = await world.run(["check"]);
  assert.equal(code, 4);
  assert.match(stdout, /failed: "Escape"/);
});
