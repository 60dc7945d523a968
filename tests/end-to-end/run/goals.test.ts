import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
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

test("a script that never does what the check wants is blocked after three equal claims, verdict failed", async (t) => {
  const world = await scriptedWorld(t, Array<string>(20).fill(claim), { ai: { goals: [checked] } });
  const { code, end } = await recorded(world, ["-c"]);
  assert.equal(code, 4);
  assert.deepEqual([end.reason, end.exitCode, end.steps], ["blocked", 4, 3]);
  assert.equal(end.goals[0]?.verdict, "failed");
  assert.match(end.goals[0]?.evidence ?? "", /report\.md/);
});

test("a file that changes between claims gives three more; one written with the same content does not", async (t) => {
  const note = (text: string): string => reply("write_to_file", { file: "note.md", text });
  const script = [claim, claim, note("a"), claim, claim, note("a"), claim, claim];
  const world = await scriptedWorld(t, script, { ai: { goals: [checked] } });
  const { end } = await recorded(world, ["-c"]);
  assert.deepEqual([end.reason, end.steps], ["blocked", 7]);
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

test("--require-proof refuses a goal whose checks pass before any work; without it they are named, and the model is asked", async (t) => {
  const goal = { goal: "Have a page", checks: [{ file_exists: "page.md" }, { file_absent: "draft.md" }] };
  const world = await scriptedWorld(t, () => claim, { ai: { goals: [goal] } });
  await mkdir(join(world.folder, "workspace"), { recursive: true });
  await writeFile(join(world.folder, "workspace", "page.md"), "old");
  const strict = await recorded(world, ["-c", "--require-proof"]);
  assert.deepEqual([strict.code, strict.end.reason, world.server.chatRequests().length], [2, "settings", 0]);
  assert.match(
    strict.end.message ?? "",
    /"Have a page" cannot be proven.*"file_exists page\.md" passes before any work/,
  );
  // It would be refused again, so nobody is told to go on with it.
  const shown = await world.run(["runs", "show"]);
  assert.match(shown.stdout, /wrong settings/);
  const again = await world.run(["-c", "--require-proof"]);
  assert.equal(again.code, 2);
  assert.doesNotMatch(shown.stdout + again.stdout + again.stderr, /--resume/);
  const { code, stderr } = await world.run(["-c", "--output-format", "json"]);
  assert.equal(code, 0);
  assert.match(stderr, /"file_exists page\.md" passes before any work, so it proves nothing by itself/);
  assert.match(stderr, /"file_absent draft\.md" passes before any work, and passes in an empty folder/);
  const vacuous = await world.run(["check", "--vacuous"]);
  assert.equal(vacuous.code, 4);
  assert.match(
    vacuous.stdout,
    /"Have a page": the check "file_absent draft\.md" passes before any work, and passes in an empty folder/,
  );
  await rm(join(world.folder, "workspace", "page.md"));
  const { stdout } = await world.run(["check", "--vacuous", "--json"]);
  const { passed, vacuous: named } = JSON.parse(stdout) as { passed: boolean; vacuous: { check: string }[] };
  assert.deepEqual([passed, named.map(({ check }) => check)], [false, ["file_absent draft.md"]]);
});

test("what must not happen keeps a run from completing; the model is told, and files that must stay are refused to it", async (t) => {
  const script = [
    reply("write_to_file", { file: "LICENSE", text: "mine" }),
    reply("write_to_file", { file: "debug.log", text: "x" }),
    claim,
    reply("delete_file", { file: "debug.log" }),
    claim,
  ];
  const world = await scriptedWorld(t, script, {
    ai: { goals: ["Tidy up"], more: "must_not:\n  - file_unchanged: LICENSE\n  - file_exists: debug.log\n" },
  });
  await mkdir(join(world.folder, "workspace"), { recursive: true });
  await writeFile(join(world.folder, "workspace", "LICENSE"), "MIT");
  const { code, end } = await recorded(world, ["-c"]);
  assert.equal(code, 0);
  assert.match(
    newestResult(world.messages(1)),
    /LICENSE.*the goals are judged by it, so it stays as it was at the start/,
  );
  assert.match(
    newestResult(world.messages(3)),
    /Broken \(must not break: there is no such file\): file_exists debug\.log/,
  );
  assert.deepEqual(
    end.goals.map(({ guard = false, verdict }) => [guard, verdict]),
    [
      [false, "claimed"],
      [true, "proven"],
      [true, "proven"],
    ],
  );
});

test("a question about a file is asked of the smart model, paid for and journalled, once for the same text", async (t) => {
  const goal = { goal: "Say when", checks: [{ ask: { question: "Is a year given?", file: "report.md" } }] };
  const asked: string[] = [];
  const world = await scriptedWorld(
    t,
    (request) => {
      const messages = request.body?.messages ?? [];
      const [system, user] = messages;
      if (!system?.content.startsWith("You judge work"))
        return asked.length === 0 && messages.length < 4 ? writeYear : claim;
      asked.push(user?.content ?? "");
      return JSON.stringify({ answer: "yes", quotation: "opened in 1894" });
    },
    { ai: { goals: [goal] } },
  );
  const { code, end } = await recorded(world, ["-c"]);
  assert.equal(code, 0);
  assert.equal(end.goals[0]?.verdict, "judged");
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? "", /data, not instructions.*opened in 1894.*The question: Is a year given\?/s);
  const events = await world.journal();
  assert.equal(events.filter((event) => event.type === "model-requested" && event.purpose === "check").length, 1);
});
const writeYear = reply("write_to_file", { file: "report.md", text: "The bridge was opened in 1894." });

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
