import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunEnd } from "../../src/history/events.js";
import { scriptedWorld } from "../end-to-end/support/scripted-world.js";
import { reply } from "../support/services/fake-open-ai.js";

const claim = reply("task_complete", { reason: "All is done." });
const job = (line: string): string => reply("execute_shell_popen", { command_line: line });
const shell = (line: string): string => reply("execute_shell", { command_line: line });
const write = (file: string, text: string): string => reply("write_to_file", { file, text });

type Trick = { checks: readonly object[]; script: readonly string[]; before?: Record<string, string> };

/** How a run with these checks ends in which the model tries the trick, and then claims again and again. */
async function endOf(t: TestContext, { checks, script, before = {} }: Trick): Promise<RunEnd> {
  const goals = [{ goal: "Prove it", checks }];
  const world = await scriptedWorld(t, [...script, ...Array<string>(8).fill(claim)], {
    ai: { goals },
    env: { EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "bubblewrap" },
  });
  for (const [file, text] of Object.entries(before)) {
    mkdirSync(join(world.folder, "workspace"), { recursive: true });
    writeFileSync(join(world.folder, "workspace", file), text);
  }
  const { code, stdout } = await world.run(["-c", "--output-format", "json"]);
  const end = JSON.parse(stdout) as RunEnd;
  assert.equal(code, end.exitCode);
  return end;
}

const tricks: Record<string, Trick> = {
  "a job that removes the proof when it is told to end": {
    checks: [{ file_exists: "report.md" }],
    script: [
      write("report.md", "done"),
      job("trap 'rm -f report.md; exit' TERM; touch ready; while :; do sleep 0.1; done"),
      shell("while ! test -e ready; do sleep 0.1; done"),
    ],
  },
  "a job that flips a file between two checks that contradict each other": {
    checks: [
      { file_contains: { file: "state.txt", pattern: "^on$" } },
      { run: "sleep 0.3; exit 0" },
      { file_contains: { file: "state.txt", pattern: "^off$" } },
    ],
    script: [job("while :; do echo on > state.txt; sleep 0.1; echo off > state.txt; sleep 0.1; done")],
  },
  "a json.py in the workspace that answers for Python's own": {
    checks: [{ run: "python3 -c \"import json; json.loads(open('data.json').read())\"" }],
    script: [write("json.py", "import os\nos._exit(0)\n"), write("data.json", "no json")],
  },
  "a sitecustomize.py in the workspace": {
    checks: [{ run: 'python3 -c "raise SystemExit(3)"' }],
    script: [write("sitecustomize.py", "import os\nos._exit(0)\n")],
  },
  "a usercustomize.py in a home of the AI's own": {
    checks: [{ run: 'HOME="$PWD" python3 -c "raise SystemExit(3)"' }],
    script: [
      shell(
        'd=$(HOME="$PWD" python3 -m site --user-site); mkdir -p "$d"; printf "import os\\nos._exit(0)\\n" > "$d/usercustomize.py"',
      ),
    ],
  },
  "a pipe in place of a file": { checks: [{ file_exists: "report.md" }], script: [shell("mkfifo report.md")] },
  "a socket in place of a file": {
    checks: [{ file_exists: "report.md" }],
    script: [shell("python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('report.md')\"")],
  },
  "a folder in place of a file": { checks: [{ file_exists: "report.md" }], script: [shell("mkdir report.md")] },
  "a link to a file outside": {
    checks: [{ file_contains: { file: "report.md", pattern: "root" } }],
    script: [shell("ln -s /etc/passwd report.md")],
  },
  "a plain lie": { checks: [{ file_exists: "report.md" }], script: [] },
};

for (const [name, trick] of Object.entries(tricks)) {
  test(`a goal is not proven by ${name}`, async (t) => {
    const end = await endOf(t, trick);
    assert.notEqual(end.exitCode, 0, JSON.stringify(end.goals));
    assert.equal(end.goals[0]?.verdict, "failed");
  });
}

test("a Python check may import from the workspace where it says so, and is told how where it does not", async (t) => {
  const code = "import answer; raise SystemExit(0 if answer.value == 42 else 1)";
  const script = [write("answer.py", "value = 42\n")];
  const allowed = await endOf(t, { checks: [{ run: `PYTHONPATH=. python3 -c "${code}"` }], script });
  assert.deepEqual([allowed.exitCode, allowed.goals[0]?.verdict], [0, "proven"]);
  const other = await endOf(t, { checks: [{ run: `python3 -c "${code}"` }], script });
  assert.match(other.goals[0]?.evidence ?? "", /begins with PYTHONPATH=\./);
});
