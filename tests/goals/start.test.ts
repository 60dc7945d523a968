import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunShell } from "../../src/goals/check.js";
import { allChecks } from "../../src/goals/index.js";
import { judgeGoals } from "../../src/goals/judge.js";
import { namedFiles } from "../../src/goals/named-files.js";
import { prepareGoals } from "../../src/goals/prepare.js";
import { checkGoalsAtStart, remarksOn } from "../../src/goals/start.js";
import type { WrittenCheck } from "../../src/history/goals.js";
import { workspaceWith } from "../support/once.js";

const passing: RunShell = async () => ({ exitCode: 0, output: "", problem: null });
const { signal } = new AbortController();

test("a line names its words that can be paths, and what well-known programs read by themselves", () => {
  for (const [line, ...names] of [
    ["python3 verify.py --out=results/a.json", "verify.py", "results/a.json"],
    ["./verify && sh -c 'bash tests/all.sh'", "verify", "tests/all.sh"],
    ["npm test", "package.json"],
    ["make test", "Makefile", "GNUmakefile"],
    ["pytest tests/test_a.py::test_b", "tests/test_a.py", "conftest.py", "pyproject.toml"],
    ["python3 -m app.checks", "app/checks.py", "app/checks/__main__.py"],
    ["cd site && npm run build", "site", "site/package.json"],
    ["git -C repo diff --exit-code", "repo/.git/config"],
    ["/usr/bin/make -f build/rules.mk", "build/rules.mk", "Makefile"],
    ["diff <(sort a.txt) /workspace/b.txt", "a.txt", "b.txt"],
  ] as const) {
    const found = namedFiles(line);
    for (const name of names) assert.ok(found.includes(name), `${line}: ${name} is missing in ${found.join(" ")}`);
  }
  for (const [line, file] of [
    [`node -e "process.exit(require('judge'))"`, "node_modules/judge"],
    [`node --input-type=module -e 'import check from "@team/judge"'`, "node_modules/@team/judge"],
    ["node -r judge -e 0", "node_modules/judge"],
    ["npx judge src", "node_modules/.bin/judge"],
    [`PYTHONPATH=. python3 -c "from judge import check"`, "judge.py"],
    [`PYTHONPATH=. python3 -c "import judge"`, "judge/__init__.py"],
  ] as const)
    assert.ok(namedFiles(line).includes(file), line);
  const none = namedFiles("cat /etc/passwd ../x a/../b ~/c *.py . -v");
  assert.deepEqual(none, ["cat"]);
  assert.deepEqual(namedFiles("constructor toString __proto__"), ["constructor", "toString", "__proto__"]);
});

async function startedWith(t: TestContext, files: Record<string, string>, checks: readonly WrittenCheck[]) {
  const workspace = await workspaceWith(t, files);
  const goals = prepareGoals([{ goal: "g", checks }], allChecks);
  const start = await checkGoalsAtStart(goals, { workspace, runShell: passing, signal });
  assert.ok(start);
  const evidence = async (): Promise<string | null | undefined> => {
    const options = { completed: true, workspace, runShell: passing };
    const [goal] = await judgeGoals(goals, { ...options, remarksOn: (check) => remarksOn(check, start, workspace) });
    return goal?.evidence;
  };
  return { workspace, start, evidence };
}

test("evidence says what passed before the first step, and what the run changed or made of what a check names", async (t) => {
  const files = { "old.md": "old", "verify.py": "1", "same.py": "1" };
  const { workspace, start, evidence } = await startedWith(t, files, [
    { file_exists: "old.md" },
    { file_exists: "new.md" },
    { run: "wc verify.py same.py made.py suite" },
  ]);
  assert.deepEqual(
    start.checks.map(({ passed }) => passed),
    [true, false, true],
  );
  await mkdir(join(workspace.root, "suite"));
  for (const file of ["new.md", "verify.py", "made.py", "suite/a.py"]) await workspace.write(file, "2");
  assert.equal(
    await evidence(),
    "file_exists old.md: found (3 bytes) [passes before any work]; file_exists new.md: found (1 bytes); " +
      "run wc verify.py same.py made.py suite: exit code 0 [passes before any work; " +
      "verify.py was changed by this run; made.py was made by this run; suite was made by this run]",
  );
});

test("a change in a folder that a check names is seen, and what only looks new is not", async (t) => {
  const { workspace, evidence } = await startedWith(t, { "suite/a.py": "1", "suite/b.py": "1" }, [{ run: "ls suite" }]);
  await workspace.write("suite/b.py", "1");
  assert.equal(await evidence(), "run ls suite: exit code 0 [passes before any work]");
  await workspace.write("suite/b.py", "2");
  assert.match((await evidence()) ?? "", /; suite was changed by this run\]$/);
});

test("nothing is carried out where no goal has checks, nor once the run is stopped", async (t) => {
  const workspace = await workspaceWith(t, {});
  const free = prepareGoals([{ goal: "g", checks: [] }], allChecks);
  assert.equal(await checkGoalsAtStart(free, { workspace, runShell: passing, signal }), null);
  const controller = new AbortController();
  const lines: string[] = [];
  const runShell: RunShell = async (line) => {
    lines.push(line);
    controller.abort();
    return { exitCode: null, output: "", problem: "it was stopped" };
  };
  const goals = prepareGoals([{ goal: "g", checks: [{ run: "one" }, { run: "two" }] }], allChecks);
  assert.equal(await checkGoalsAtStart(goals, { workspace, runShell, signal: controller.signal }), null);
  assert.deepEqual(lines, ["one"]);
});

test("checks that run a command come first: the others judge what is there afterwards", async (t) => {
  const workspace = await workspaceWith(t, { "report.md": "x" });
  const heard: string[] = [];
  const runShell: RunShell = async () => {
    await workspace.delete("report.md");
    await writeFile(join(workspace.root, "log"), "");
    return { exitCode: 0, output: "", problem: null };
  };
  const goals = prepareGoals(
    [
      { goal: "a", checks: [{ file_exists: "report.md" }] },
      { goal: "b", checks: [{ run: "sh tidy.sh" }, { file_exists: "log" }] },
    ],
    allChecks,
  );
  const verdicts = await judgeGoals(goals, { completed: true, workspace, runShell, heard: (what) => heard.push(what) });
  assert.deepEqual(
    verdicts.map(({ verdict }) => verdict),
    ["failed", "proven"],
  );
  assert.equal(verdicts[1]?.evidence, "run sh tidy.sh: exit code 0; file_exists log: found (0 bytes)");
  assert.deepEqual(heard, ["check run sh tidy.sh", "check file_exists report.md", "check file_exists log"]);
});
