import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import type { Goal, WrittenCheck } from "../../src/history/goals.js";
import { defineCheck, type RunShell } from "../../src/goals/check.js";
import { fileContains } from "../../src/goals/checks/file-contains.js";
import { fileExists } from "../../src/goals/checks/file-exists.js";
import { allChecks, checksWith } from "../../src/goals/index.js";
import { judgeGoals } from "../../src/goals/judge.js";
import { prepareGuards } from "../../src/goals/guards.js";
import { prepareGoals, refuseUnrunnable } from "../../src/goals/prepare.js";
import { checkOnce, workspaceWith } from "../support/once.js";

const runShell: RunShell = async () => ({ exitCode: 0, output: "", problem: null });

const contains = (pattern: string, file = "report.md"): WrittenCheck => ({ file_contains: { file, pattern } });

test("a check's file lies inside the workspace", async (t) => {
  const workspace = await workspaceWith(t, {});
  await symlink("/etc", join(workspace.root, "etc"));
  for (const file of ["/etc/passwd", "../ws.txt", "etc/passwd"]) {
    for (const { ok, found } of [
      await checkOnce(fileContains, { file, pattern: "root" }, workspace),
      await checkOnce(fileExists, file, workspace),
    ]) {
      assert.equal(ok, false);
      assert.match(found, /leads out of the workspace/);
    }
  }
});

test("goals are proven, failed, claimed or open, with evidence for those that have checks", async (t) => {
  const workspace = await workspaceWith(t, { "a.txt": "alpha" });
  const goals = prepareGoals(
    [
      { goal: "proven", checks: [{ file_exists: "a.txt" }, contains("alpha", "a.txt")] },
      { goal: "failed", checks: [{ file_exists: "a.txt" }, { file_exists: "b.txt" }] },
      { goal: "no checks", checks: [] },
    ],
    allChecks,
  );
  const completed = await judgeGoals(goals, { completed: true, workspace, runShell });
  assert.deepEqual(
    completed.map(({ goal, verdict, evidence }) => ({ goal, verdict, evidence })),
    [
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
    ],
  );
  const ended = await judgeGoals(goals, { completed: false, workspace, runShell });
  assert.deepEqual(
    ended.map(({ verdict }) => verdict),
    ["proven", "failed", "open"],
  );
});

test("a goal with a check that needs a shell is refused where there is none, and the goal and the way out are named", async () => {
  const goals: Goal[] = [{ goal: "fine", checks: [contains("[a-z]+")] }];
  const nowhere = async (): Promise<string> => "there is no sandbox for it";
  await refuseUnrunnable(prepareGoals(goals, allChecks), allChecks, nowhere);
  for (const run of ["wc -w < report.md", { command: "wc -w < report.md" }]) {
    const withRun = prepareGoals([...goals, { goal: "Count", checks: [{ run }] }], allChecks);
    await refuseUnrunnable(withRun, allChecks, async () => null);
    await assert.rejects(refuseUnrunnable(withRun, allChecks, nowhere), {
      name: "SettingsError",
      message: /"Count" has the check "run wc -w < report\.md".*no sandbox.* use file_exists or file_contains/,
    });
  }
});

test("a goal with a check that is not known, or whose value is wrong, is refused and named", () => {
  for (const [check, message] of [
    [contains("("), /"Broken" has a check that is wrong: file_contains: pattern is no regular expression/],
    [{ run: { command: "ls", output: "(" } }, /"Broken".* run: output is no regular expression/],
    [{ file_exists: 3 }, /"Broken".* file_exists must be some text/],
    [
      { no_such: "a" },
      /"Broken" has a check "no_such"; there are file_exists, file_contains, file_absent, file_lacks, json_schema, run, http, ask/,
    ],
    [{}, /"Broken" has a check ""; there are/],
    [{ constructor: "a" }, /"Broken" has a check "constructor"/],
  ] as const) {
    assert.throws(() => prepareGoals([{ goal: "Broken", checks: [check] }], allChecks), {
      name: "SettingsError",
      message,
    });
  }
});

test("a check from outside judges like the others; a name that is taken is refused", async (t) => {
  const workspace = await workspaceWith(t, { "a.txt": "1\n2\n3\n" });
  const lines = defineCheck({
    name: "line_count",
    value: z.strictObject({ file: z.string(), atLeast: z.int() }),
    title: ({ file }) => file,
    async run({ file, atLeast }) {
      const count = (await workspace.read(file)).toString().trimEnd().split("\n").length;
      return { ok: count >= atLeast, found: `${count} lines` };
    },
  });
  const goals = prepareGoals(
    [
      {
        goal: "Count",
        checks: [{ line_count: { file: "a.txt", atLeast: 3 } }, { line_count: { file: "b", atLeast: 1 } }],
      },
    ],
    checksWith([lines]),
  );
  const [verdict] = await judgeGoals(goals, { completed: true, workspace, runShell });
  assert.equal(verdict?.verdict, "failed");
  assert.match(verdict?.evidence ?? "", /^line_count a\.txt: 3 lines; line_count b: There is no file "b"/);
  assert.throws(() => checksWith([{ ...lines, name: "run" }]), {
    name: "SettingsError",
    message: /The check "run" .* is taken/,
  });
  assert.throws(() => checksWith([lines, lines]), {
    name: "SettingsError",
    message: /The check "line_count" .* is taken/,
  });
});

test("checks that are not the same have names of their own, those of goals and of guards together", () => {
  const named = new Map<string, string[]>();
  const goals = prepareGoals(
    [
      { goal: "One", checks: [{ run: "npm test" }, { run: { command: "npm test", trust: "workspace" } }] },
      { goal: "Two", checks: [{ run: "npm test" }] },
    ],
    allChecks,
    { named },
  );
  const guards = prepareGuards([{ run: "npm test" }], named);
  const names = [...goals, ...guards].map(({ checks }) => checks.map(({ name }) => name));
  assert.deepEqual(names, [["run npm test", "run npm test (2)"], ["run npm test"], ["run npm test (3)"]]);
});
