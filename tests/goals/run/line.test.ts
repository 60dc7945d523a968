import assert from "node:assert/strict";
import { test } from "node:test";
import { runByLine } from "../../../src/goals/run/line.js";

const scripts = (line: string): string[] => runByLine(line).scripts.map(({ path }) => path);

test("the scripts that a line runs are told from the files that they work on", () => {
  for (const [line, expected] of [
    ["python3 check.py report.md app.py", ["check.py"]],
    ["python3 -I -P -W error -X dev ./tools/check.py data.json", ["tools/check.py"]],
    ["sh -eu /workspace/verify.sh app.sh", ["verify.sh"]],
    ["bash -euo pipefail verify.sh", ["verify.sh"]],
    [". ./env.sh && ./verify && source lib.sh", ["env.sh", "verify", "lib.sh"]],
    ["node --require ./hook.cjs --import=./start.mjs check.js out.js", ["hook.cjs", "start.mjs", "check.js"]],
    ["cd tools && sh verify.sh", ["verify.sh", "tools/verify.sh"]],
    ["env -i FOO=1 timeout 10 nice -n 5 python3 check.py x.py", ["check.py"]],
    ['sh "$PWD/verify.sh" && sh ${PWD}/b.sh', ["verify.sh", "b.sh"]],
    ["awk -f rules.awk report.md", ["rules.awk"]],
    ["awk '$1 < 200 { exit 1 }' report.md | sed -n 1p other.md", []],
    ["wc -w < report.md && grep -q x Makefile; test -e out/app.py", []],
    ["python3 < check.py", ["check.py"]],
    ["sh <<'E'\nsh check.sh\nE", ["check.sh"]],
    ["sh -c 'sh inner.sh; cat data.sh'", ["inner.sh"]],
    ["find . -name '*.md' -exec ./one.sh {} ';'", ["one.sh"]],
    ["/usr/bin/python3 /opt/judge.py ../out.py ~/x.py", []],
    ["node -e 'process.exit(0)' app.js; perl -ne 'print' app.pl; python3 -c 'pass' app.py", []],
    ["if test -e a; then python3 b.py; fi; for x in 1 2; do sh c.sh; done; echo $(sh d.sh)", ["b.py", "c.sh", "d.sh"]],
  ] as const)
    assert.deepEqual(scripts(line), expected, line);
});

test("what programs obey without being told, and modules that are loaded by name, count as well", () => {
  for (const [line, file] of [
    ["npm test", "package.json"],
    ["make -C lib check", "lib/Makefile"],
    ["python3 -m pytest -q tests", "pytest.py"],
    ["python3 -m pytest -q tests", "conftest.py"],
    ["npx judge src", "node_modules/.bin/judge"],
    [`node -e 'require("judge")(require("fs"))'`, "node_modules/judge"],
    [`node --input-type=module -e 'import check from "@team/judge"'`, "node_modules/@team/judge"],
    [`python3 -c "import judge.rules"`, "judge/rules.py"],
    ["node -r judge check.js", "node_modules/judge"],
    ["time cargo test", "build.rs"],
  ] as const)
    assert.ok(runByLine(line).obeyed.includes(file), `${line}: ${runByLine(line).obeyed.join(" ")}`);
  assert.deepEqual(runByLine("echo npm test; cat package.json").obeyed, []);
});

test("a line that runs more of the workspace than it names says so", () => {
  for (const line of [
    "npm test",
    "pytest",
    "python3 -m unittest",
    "go test ./...",
    "cat x.sh | sh",
    'python3 "$SCRIPT"',
    'for t in tests/*.sh; do sh "$t"; done',
    "sh tests/*.sh",
    "ls *.sh | xargs -n 1 sh",
    'eval "$(cat x)"',
    "$PROGRAM x",
    "java Main",
    "sh -c 'cat y | bash'",
    "if then (",
    "python3 - <<'END'\nimport subprocess\nEND",
    "python3 - <<END\nprint($x)\nEND",
    "(( $(wc -l < a) > 3 ))",
    "python3 -c 'import os; os.system(open(1).read())'",
    "python3 -E check.py",
    `node -e 'require("./app")(name); import(name)'`,
    "node --run check",
    "sed '1e sh x' a",
    "sed -n -e p -e 's/a/b/e' a",
    "bash -ce '$x'",
    "rg --pre ./x.sh y",
    "sort *",
    "git -c alias.x='!sh y' x",
    "python3 /tmp/x.py",
    "perl -ne 'print' a",
    "echo ${x@P}",
    'cd "$d" && sh check.sh',
    "cd */ && sh check.sh",
    "ls | xargs -I{} sh -c 'sh {}'",
    "export $(cat vars)",
    "cp app /tmp/grep && /tmp/grep x y",
    "../bin/grep x y",
    "bash <(cat x)",
    "sh <<< $x",
  ])
    assert.notEqual(runByLine(line).open, null, line);
  for (const line of [
    "python3 check.py",
    "grep -c x *.md | sort -n",
    "test $(wc -w < report.md) -ge 200",
    "[[ -s report.md ]] && (( 1 + 1 ))",
    "python3 - <<'END'\nimport json\nprint(json.load(open('a')))\nEND",
    "sh <<'E'\ngrep -q x a\nE",
    'python3 -I -c \'import json, sys; sys.exit(json.load(open("a"))["x"] != 1)\'',
    `node -e 'process.exit(require("fs").existsSync("a") ? 0 : 1)'`,
    "sed -n '/^#/p; $p' a | awk -F, '$2 > 3' | jq -e '.a[] | select(.b)' c.json",
    "git -C lib diff --quiet HEAD -- src",
    "git --no-pager log -1",
    'cd "$(dirname "$0")" && export N=1 M="$x" && /usr/bin/grep -q x a.md',
    "git log --oneline | head -1",
    "find . -name '*.md' -exec grep x {} +",
  ])
    assert.equal(runByLine(line).open, null, line);
});

test("a line that says where programs find code is told by the variable", () => {
  assert.equal(runByLine("PYTHONPATH=. python3 check.py").way, "PYTHONPATH");
  assert.equal(runByLine("env PATH=bin wc x").way, "PATH");
  assert.equal(runByLine("export NODE_PATH=lib; node check.js").way, "NODE_PATH");
  assert.equal(runByLine("read PATH < x; grep y z").way, "PATH");
  assert.equal(runByLine("env -i python3 check.py").way, "env -i");
  assert.equal(runByLine("unset PYTHONSAFEPATH; python3 check.py").way, "PYTHONSAFEPATH");
  assert.equal(runByLine("COUNT=3 sh check.sh").way, null);
});

test("of what a program needs, one has to be there", () => {
  assert.deepEqual(runByLine("python3 check.py").needed, [["check.py"]]);
  assert.deepEqual(runByLine("make").needed, [["GNUmakefile", "makefile", "Makefile"]]);
  assert.deepEqual(runByLine("pytest").needed, []);
});

test("a program of which nothing is known, and a line that cannot be looked into, leave the verdict to the work", () => {
  for (const line of [
    "flock /tmp/lock sh check.sh",
    "taskset 1 sh check.sh",
    "busybox sh check.sh",
    "env -S 'sh check.sh'",
    "sh <<'E'\nsh $x\nE",
    "shellcheck check.sh",
    "ninja",
  ])
    assert.notEqual(runByLine(line).open, null, line);
  for (const line of [
    "test -s a.txt && grep -q x a.txt",
    "if [ -e a ]; then cat a | wc -l; fi",
    "for f in *.md; do head -1 $f; done",
  ])
    assert.equal(runByLine(line).open, null, line);
});
