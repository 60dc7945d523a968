import assert from "node:assert/strict";
import { rmSync, symlinkSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunShell } from "../../src/goals/check.js";
import { prepareGuards } from "../../src/goals/guards.js";
import { allChecks } from "../../src/goals/index.js";
import { judgeGoals } from "../../src/goals/judge.js";
import { prepareGoals } from "../../src/goals/prepare.js";
import { checkGoalsAtStart, refuseVacuous, remarksOn, unprovable, warningsAtStart } from "../../src/goals/start.js";
import { basesOf } from "../../src/goals/fixed.js";
import type { Goal, WrittenCheck } from "../../src/history/goals.js";
import { workspaceWith } from "../support/once.js";

const signal = new AbortController().signal;
const passing: RunShell = async () => ({ exitCode: 0, output: "fine", problem: null });

type Given = { checks?: readonly WrittenCheck[]; protects?: readonly string[]; mustNot?: readonly WrittenCheck[] };

/** A workspace in which the goals were looked at once; `judge` says what becomes of them now. */
async function begun(t: TestContext, files: Record<string, string>, { checks = [], protects, mustNot = [] }: Given) {
  const workspace = await workspaceWith(t, files);
  const goal: Goal = { goal: "g", checks, ...(protects && { protects }) };
  const goals = [...prepareGoals([goal], allChecks), ...prepareGuards(mustNot)];
  const bases = await basesOf(goals, workspace);
  const empty = { workspace: await workspaceWith(t, {}), runShell: passing };
  const start = await checkGoalsAtStart(goals, { workspace, runShell: passing, signal, bases, empty });
  assert.ok(start);
  return {
    workspace,
    start,
    goals,
    at: (name: string) => join(workspace.root, name),
    warnings: () => warningsAtStart(goals, start, bases, workspace),
    judge: (runShell = passing) => judgeGoals(goals, { completed: true, workspace, runShell, start, bases }),
  };
}

test("a script that a check runs has to stay what it was, and may not come into being", async (t) => {
  const later = await begun(t, { "verify.sh": "exit 0" }, { checks: [{ run: "sh verify.sh && python3 later.py" }] });
  assert.match((await later.warnings()).join("\n"), /can never pass: later\.py is not there/);
  assert.match((await later.judge())[0]?.evidence ?? "", /later\.py, which it runs, was not there at the start/);
  await writeFile(later.at("later.py"), "pass");
  assert.match((await later.judge())[0]?.evidence ?? "", /later\.py was made by this run/);
  const { judge, at } = await begun(t, { "verify.sh": "exit 0" }, { checks: [{ run: "sh verify.sh" }] });
  assert.equal((await judge())[0]?.verdict, "proven");
  await writeFile(at("verify.sh"), "exit 1");
  const [changed] = await judge();
  assert.equal(changed?.verdict, "failed");
  assert.match(changed?.evidence ?? "", /verify\.sh, by which it judges, was changed since the start/);
  await rm(at("verify.sh"));
  assert.match((await judge())[0]?.evidence ?? "", /was there at the start and is gone/);
});

test("a check whose command changes what it is judged by fails, though it passed", async (t) => {
  const { judge, at } = await begun(t, { "verify.sh": "exit 0" }, { checks: [{ run: "sh verify.sh" }] });
  const [goal] = await judge(async () => {
    await writeFile(at("verify.sh"), "changed");
    return { exitCode: 0, output: "", problem: null };
  });
  assert.equal(goal?.verdict, "failed");
});

test("what a goal protects counts with its names: changed, gone, or one more", async (t) => {
  const files = { "tests/a.py": "1", "tests/deep/b.py": "2", "src/app.py": "3" };
  const { judge, at, workspace } = await begun(t, files, { checks: [{ run: "pytest" }], protects: ["tests/**"] });
  assert.equal((await judge())[0]?.verdict, "judged");
  await writeFile(at("src/app.py"), "other");
  assert.equal((await judge())[0]?.verdict, "judged");
  await writeFile(at("tests/deep/c.py"), "");
  assert.match((await judge())[0]?.evidence ?? "", /tests\/\*\*, by which it judges, was changed/);
  await workspace.delete("tests/deep/c.py");
  assert.equal((await judge())[0]?.verdict, "judged");
  assert.match(
    (await judge())[0]?.evidence ?? "",
    /judged by the work itself: pytest runs what the workspace holds\]$/,
  );
  await rename(at("tests/a.py"), at("tests/z.py"));
  assert.equal((await judge())[0]?.verdict, "failed");
});

test("what a goal without checks protects counts as well", async (t) => {
  const { judge, at } = await begun(t, { "data/a": "1" }, { protects: ["data/**"] });
  assert.equal((await judge())[0]?.verdict, "claimed");
  await writeFile(at("data/a"), "2");
  const [goal] = await judge();
  assert.deepEqual(
    [goal?.verdict, goal?.evidence],
    ["failed", "protects: data/**, by which it judges, was changed since the start"],
  );
});

test("a check that runs the work is judged by it: with trust, by a test runner, by a script that loads what was made", async (t) => {
  const files = {
    "check.js": 'require("./app")',
    "same.js": 'require("node:fs")',
    "all.sh": ". ./lib.sh",
    "some.sh": ". ./there.sh",
    "there.sh": "",
    "package.json": "{}",
  };
  const checks = [
    { run: { command: "sh made.sh", trust: "workspace" } },
    { run: "npm test" },
    { run: "node check.js" },
    { run: "node same.js" },
    { run: "sh all.sh" },
    { run: "sh some.sh" },
  ];
  const { judge, at } = await begun(t, files, { checks });
  const before = (await judge())[0];
  assert.deepEqual(
    before?.checks?.map(({ judgedBy }) => judgedBy !== undefined),
    [true, true, false, false, true, false],
  );
  for (const file of ["made.sh", "app.js", "lib.sh", "there.sh"]) await writeFile(at(file), "# made");
  const [after] = await judge();
  assert.equal(after?.verdict, "judged");
  assert.deepEqual(
    after?.checks?.map(({ judgedBy = "" }) => judgedBy.replace(/;.*/, "")),
    [
      "the work itself, since the check trusts the workspace",
      "the work itself: npm runs what the workspace holds",
      "the work itself: app.js, which is loaded, was made by this run",
      "",
      "the work itself: all.sh runs lib.sh, which is not there yet",
      "the work itself: there.sh, which is loaded, was changed by this run",
    ],
  );
});

test("a fixed script that starts what only running it would tell is judged by the work; one that reads alone proves", async (t) => {
  const open = {
    "a.sh": 'for x in parts/*; do sh "$x"; done',
    "b.sh": 'f() { sh -c "$1"; }\nf "$(cat next)"',
    "c.sh": "n=$(cat count)\n[[ $n -gt 3 ]]",
    "d.sh": "cp app.sh /tmp/x.sh; sh /tmp/x.sh",
    "e.py": "import importlib, sys\nimportlib.import_module(sys.argv[1]).check()",
    "f.py": "import os\nos.system(open('next').read())",
    "g.py": "import subprocess as s\ns.run(['python3', 'app' + '.py'])",
    "h.py": "exec(open('app.py').read())",
    "i.js": "require(process.argv[2])",
    "j.mjs": 'import { spawnSync } from "node:child_process"; spawnSync("sh", [name])',
    "k.mjs": "await import(`./${name}.mjs`)",
    "l.pl": "system('sh', 'x.sh')",
    "m.awk": '{ system("sh " $1) }',
    "n.sh": "tar --to-command='sh x.sh' -xf a.tar",
    "o.py": "import yaml\nyaml.load(open('a'))",
    "p.sh": "env -i python3 q.py",
    "q.py": "import json",
    r: "#!/usr/bin/env -S python3 -E\nimport json",
    "s.sh": "cp app.sh t.sh; sh t.sh; rm t.sh",
  };
  const closed = {
    "A.sh":
      'set -e\nok() { echo "$1"; }\nfor f in *.md; do grep -q x "$f" && ok "$f"; done\ntest "$(wc -l < a.md)" -ge 3',
    "B.py":
      "import json, os, re, sys\nfrom pathlib import Path\nif not os.path.exists('a.json'):\n    sys.exit(1)\n" +
      "assert re.compile('x').search(Path('a.json').read_text()) and json.load(open('a.json'))",
    "C.mjs":
      'import { readFileSync } from "node:fs"; import "./D.mjs"; process.exit(readFileSync("a").length > 1 ? 0 : 1)',
    "D.mjs": "export const x = 1;",
    "E.awk": "$1 > 3 || $2 { n++ } END { exit n }",
    F: "#!/usr/bin/python3 -I\nimport csv",
  };
  const started = (name: string): string => {
    const ending = name.split(".")[1] ?? "";
    const programs = { sh: "bash", py: "python3", js: "node", mjs: "node", pl: "perl", awk: "awk -f" };
    return ending === "" ? `./${name}` : `${programs[ending as keyof typeof programs]} ${name}`;
  };
  const names = [...Object.keys(open), ...Object.keys(closed)];
  const { judge, goals, workspace } = await begun(
    t,
    { ...open, ...closed },
    { checks: names.map((name) => ({ run: started(name) })) },
  );
  const [goal] = await judge();
  assert.deepEqual(
    goal?.checks?.flatMap(({ check, judgedBy }) => (judgedBy === undefined ? [check.replace(/.*[ /]/, "")] : [])),
    ["q.py", ...Object.keys(closed)],
  );
  assert.equal(unprovable(goals, await basesOf(goals, workspace)).length, Object.keys(open).length - 1);
  assert.ok(goal?.checks?.every(({ judgedBy = "the work itself: " }) => judgedBy.startsWith("the work itself: ")));
});

test("tests that are there at the start are what a test runner judges by; more of them may be written", async (t) => {
  const files = {
    "package.json": '{"scripts":{"test":"node tools/run.js && mocha"}}',
    "tools/run.js": "",
    "test/a.test.js": "",
  };
  const { judge, at } = await begun(t, files, { checks: [{ run: "npm test" }] });
  await writeFile(at("test/b.test.js"), "");
  assert.equal((await judge())[0]?.verdict, "judged");
  await writeFile(at("test/a.test.js"), "pass");
  assert.match(
    (await judge())[0]?.evidence ?? "",
    /test\/a\.test\.js, by which it judges, was changed since the start/,
  );
  await writeFile(at("test/a.test.js"), "");
  await writeFile(at("tools/run.js"), "pass");
  assert.match((await judge())[0]?.evidence ?? "", /tools\/run\.js, by which it judges, was changed/);
});

test("evidence has command, exit code, hash and excerpt of what a command wrote", async (t) => {
  const { judge } = await begun(t, {}, { checks: [{ run: "wc x" }] });
  const [goal] = await judge();
  assert.deepEqual(goal?.checks, [
    {
      check: "run wc x",
      passed: true,
      found: "exit code 0",
      command: "wc x",
      exitCode: 0,
      sha256: "d14a58bae804a2b80b5b76a010239c88ffca1fc7951a90f8e9131beda1e23c1b",
      excerpt: "fine",
    },
  ]);
  const [cutOff] = await judge(async () => ({ exitCode: 1, output: "", problem: null, cutOff: true }));
  assert.match(cutOff?.evidence ?? "", /\[ran without network, since the run has read text of others\]$/);
});

test("a link that is turned round while checks read through it makes them fail", async (t) => {
  const checks = [{ file_contains: { file: "now/x", pattern: "1" } }, { file_exists: "now/x" }];
  const { judge, at, goals, workspace } = await begun(t, { "a/x": "1", "b/x": "2" }, { checks });
  await symlink("a", at("now"));
  assert.equal((await judge())[0]?.verdict, "proven");
  let isTurned = false;
  const turning = await judgeGoals(goals, {
    completed: true,
    workspace,
    runShell: passing,
    // Between two checks.
    heard: (what) => {
      if (isTurned || !what.startsWith("check file_exists")) return;
      isTurned = true;
      rmSync(at("now"));
      symlinkSync("b", at("now"));
    },
  });
  assert.equal(turning[0]?.verdict, "failed");
  assert.match(turning[0]?.evidence ?? "", /the way to it, was changed while the checks were carried out/);
});
test("what must not happen is judged beside the goals: files, folders, commands, patterns", async (t) => {
  const mustNot = [
    { file_unchanged: "LICENSE" },
    { folder_untouched: "data" },
    { run: "sh keep.sh" },
    { file_exists: "debug.log" },
    { file_contains: { file: "app.py", pattern: "print\\(" } },
  ];
  const files = { LICENSE: "MIT", "data/a.csv": "1", "keep.sh": "", "app.py": "x" };
  const { judge, at, warnings, goals, start, workspace } = await begun(t, files, { mustNot });
  for (const check of goals.flatMap(({ checks }) => checks))
    assert.deepEqual(await remarksOn(check, start, workspace), []);
  assert.deepEqual(await warnings(), []);
  const verdicts = async (shell = passing) => (await judge(shell)).slice(1).map(({ verdict }) => verdict);
  assert.deepEqual(await verdicts(), ["proven", "proven", "proven", "proven", "proven"]);
  await writeFile(at("LICENSE"), "GPL");
  await mkdir(at("data/new"));
  await writeFile(at("debug.log"), "");
  await writeFile(at("app.py"), "print(1)");
  assert.deepEqual(await verdicts(async () => ({ exitCode: 1, output: "", problem: null })), [
    "failed",
    "failed",
    "failed",
    "failed",
    "failed",
  ]);
  assert.ok((await judge()).slice(1).every(({ guard }) => guard === true));
  assert.throws(
    () => prepareGuards([{ http: "https://example.com" }]),
    /must_not has "http"; there may be file_unchanged/,
  );
});

test("checks that pass before any work, or in an empty folder, are named; proof by them alone is refused", async (t) => {
  const checks = [{ file_exists: "old.md" }, { file_absent: "new.md" }];
  const vacuous = await begun(t, { "old.md": "" }, { checks });
  assert.deepEqual(await vacuous.warnings(), [
    'The check "file_exists old.md" passes before any work, so it proves nothing by itself.',
    'The check "file_absent new.md" passes before any work, and passes in an empty folder, so it proves nothing by itself.',
  ]);
  assert.throws(() => refuseVacuous(vacuous.goals, vacuous.start), {
    name: "SettingsError",
    message: /--require-proof: the goal "g" cannot be proven/,
  });
  const sound = await begun(t, { "old.md": "" }, { checks: [...checks, { file_exists: "new.md" }] });
  refuseVacuous(sound.goals, sound.start);
});
