import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { refuseBrokenPatterns, refuseRunChecks, runChecks } from "../../src/goals/checks.js";
import type { RunShell } from "../../src/goals/run-check.js";
import { searchPattern } from "../../src/goals/search-pattern.js";
import { judgeGoals, type GoalCheck, type Goal } from "../../src/goals/verdict.js";
import { openWorkspace, type Workspace } from "../../src/workspace/workspace.js";
import { temporaryFolder } from "../support/program.js";

async function workspaceWith(t: TestContext, files: Record<string, string>): Promise<Workspace> {
  const folder = await temporaryFolder(t);
  const root = join(folder, "ws");
  const workspace = await openWorkspace({ root, forbidden: [], temporaryDirectory: join(folder, "temporary") });
  for (const [file, text] of Object.entries(files)) await workspace.write(file, text);
  return workspace;
}

/** A shell that knows three commands. */
const runShell: RunShell = async (line) => {
  if (line === "true") return { exitCode: 0, output: "", problem: null };
  if (line === "make") return { exitCode: 2, output: "first\ndone\n", problem: null };
  return { exitCode: null, output: "half", problem: "it was still running after 1 seconds and was ended" };
};

const contains = (pattern: string, file = "report.md"): GoalCheck => ({ file_contains: { file, pattern } });

test("a check names itself and what it found", async (t) => {
  const workspace = await workspaceWith(t, { "report.md": "# Report\n\n## Sources\n" });
  await mkdir(join(workspace.root, "folder"));
  const checks: GoalCheck[] = [
    { file_exists: "report.md" },
    { file_exists: "missing.md" },
    { file_exists: "folder" },
    contains("## Sources"),
    contains("## Thanks"),
    contains("x", "missing.md"),
    contains("x", "folder"),
    { run: "true" },
    { run: { command: "make", exit_code: 2, output: "^done$" } },
    { run: { command: "make", exit_code: 3 } },
    { run: "sleep 99" },
  ];
  assert.deepEqual(await runChecks(workspace, checks, runShell), [
    { ok: true, found: "file_exists report.md: found (21 bytes)" },
    { ok: false, found: "file_exists missing.md: not found" },
    { ok: false, found: "file_exists folder: is a folder, not a file" },
    { ok: true, found: "file_contains report.md /## Sources/: found" },
    {
      ok: false,
      found: "file_contains report.md /## Thanks/: the pattern was not found in the file (21 characters)",
    },
    { ok: false, found: "file_contains missing.md /x/: file not found" },
    { ok: false, found: 'file_contains folder /x/: "folder" is a folder, not a file. Name a file.' },
    { ok: true, found: "run true: exit code 0" },
    { ok: true, found: "run make: exit code 2, and /^done$/ is in its output" },
    { ok: false, found: 'run make: exit code 2, expected 3; its output: "first\\ndone"' },
    { ok: false, found: 'run sleep 99: it was still running after 1 seconds and was ended; its output: "half"' },
  ]);
});

test("patterns see lines, Unicode and files in other encodings", async (t) => {
  const workspace = await workspaceWith(t, { "report.md": "one\r\n中文 😀 two\r\n" });
  await writeFile(join(workspace.root, "utf16.txt"), Buffer.from("\ufeffhello 中文", "utf16le"));
  const ok = async (pattern: string, file?: string): Promise<boolean> =>
    (await runChecks(workspace, [contains(pattern, file)], runShell)).every((result) => result.ok);
  assert.ok(await ok("^one$"));
  assert.ok(await ok("^\\p{Script=Han}+ . two$"), "a dot takes a whole emoji");
  assert.ok(await ok("\\t\\e|on\\e"), "a pattern that is none with the u flag is taken without it");
  assert.ok(await ok("^hello 中文$", "utf16.txt"));
  assert.ok(!(await ok("^two")));
});

test("a check's file lies inside the workspace", async (t) => {
  const workspace = await workspaceWith(t, {});
  await symlink("/etc", join(workspace.root, "etc"));
  for (const file of ["/etc/passwd", "../ws.txt", "etc/passwd"]) {
    for (const check of [contains("root", file), { file_exists: file }]) {
      const [result] = await runChecks(workspace, [check], runShell);
      assert.equal(result?.ok, false);
      assert.match(result?.found ?? "", /leads out of the workspace/);
    }
  }
});

test("a pattern that would take for ever is given up, and the run goes on", async (t) => {
  assert.equal(await searchPattern(`${"a".repeat(60)}!`, "^(a+)+$", 200), "too-slow");
  assert.equal(await searchPattern("aaa", "^(a+)+$"), "found");
  const workspace = await workspaceWith(t, { "report.md": `${"a".repeat(60)}!` });
  const begin = performance.now();
  const [result] = await runChecks(workspace, [contains("^(a+)+$")], runShell);
  assert.equal(result?.ok, false);
  assert.match(result?.found ?? "", /takes too long/);
  assert.ok(performance.now() - begin < 30_000);
});

test("goals are proven, failed, claimed or open, with evidence for those that have checks", async (t) => {
  const workspace = await workspaceWith(t, { "a.txt": "alpha" });
  const goals: Goal[] = [
    { goal: "proven", checks: [{ file_exists: "a.txt" }, contains("alpha", "a.txt")] },
    { goal: "failed", checks: [{ file_exists: "a.txt" }, { file_exists: "b.txt" }] },
    { goal: "no checks", checks: [] },
  ];
  const completed = await judgeGoals(workspace, goals, { completed: true, runShell });
  assert.deepEqual(completed, [
    {
      goal: "proven",
      verdict: "proven",
      evidence: "file_exists a.txt: found (5 bytes); file_contains a.txt /alpha/: found",
    },
    {
      goal: "failed",
      verdict: "failed",
      evidence: "file_exists a.txt: found (5 bytes); file_exists b.txt: not found",
    },
    { goal: "no checks", verdict: "claimed", evidence: null },
  ]);
  const ended = await judgeGoals(workspace, goals, { completed: false, runShell });
  assert.deepEqual(
    ended.map(({ verdict }) => verdict),
    ["proven", "failed", "open"],
  );
});

test("a goal with a run check that cannot be run, or with a broken pattern, is refused at start and named", async () => {
  const goals: Goal[] = [{ goal: "fine", checks: [contains("[a-z]+")] }];
  const nowhere = async (): Promise<string> => "there is no sandbox for it";
  await refuseRunChecks(goals, nowhere);
  refuseBrokenPatterns(goals);
  for (const run of ["wc -w < report.md", { command: "wc -w < report.md" }]) {
    const withRun = [...goals, { goal: "Count", checks: [{ run }] }];
    await refuseRunChecks(withRun, async () => null);
    await assert.rejects(refuseRunChecks(withRun, nowhere), {
      name: "SettingsError",
      message: /"Count" has the check "run wc -w < report\.md".*no sandbox/,
    });
  }
  for (const check of [contains("("), { run: { command: "ls", output: "(" } }]) {
    assert.throws(() => refuseBrokenPatterns([{ goal: "Broken", checks: [check] }]), {
      name: "SettingsError",
      message: /"Broken".*"\(" is no regular expression/,
    });
  }
});
