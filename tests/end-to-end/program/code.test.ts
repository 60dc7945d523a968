import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { RunEnd } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, long } from "../../support/program.js";
import { pyodideCache } from "../../support/sandboxes.js";
import { bubblewrap, needsPrograms, systemPython } from "../../support/services/services.js";
import { newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const python = reply("execute_python_file", { file: "main.py" });
const shell = (line: string): string => reply("execute_shell", { command_line: line });
const writes = (file: string, text: string): string => reply("write_to_file", { file, text });

const allowed = { EXECUTE_LOCAL_COMMANDS: "True" };
const sentence =
  "You are not allowed to run local shell commands. To execute shell commands, EXECUTE_LOCAL_COMMANDS must be set to 'True' in your config. Do not attempt to bypass the restriction.";

/** What the model was told after each step. */
const results = async (world: World): Promise<string[]> =>
  eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
const started = async (world: World): Promise<(string | undefined)[]> =>
  eventsOfType(await world.journal(), "command-start").map(({ command }) => command.name);

const script = `
import csv, json, os, re, statistics, sys
from collections import Counter
from datetime import date
print(json.dumps({"argv": sys.argv, "folder": os.getcwd(), "files": sorted(os.listdir("."))}))
with open("data.csv", encoding="utf-8") as file:
    numbers = [float(row["value"]) for row in csv.DictReader(file)]
print(statistics.mean(numbers), Counter("abca").most_common(1), date(2024, 2, 29).isoformat())
os.makedirs("out", exist_ok=True)
with open("out/result.json", "w", encoding="utf-8") as file:
    json.dump({"sum": sum(numbers), "text": "zażółć 中文 😀"}, file, ensure_ascii=False)
print("zażółć 中文 😀", re.sub("a", "b", "banana"))
try:
    input()
except EOFError as error:
    print("no input:", error)
print(__name__, __file__)
`;

async function runsTheScript(t: TestContext, env: Record<string, string>) {
  const world = await scriptedWorld(
    t,
    [writes("main.py", script), writes("data.csv", "value\n1\n2.5\n"), python, done],
    {
      env,
    },
  );
  // To make what lets Python start quickly takes several times as long as all the rest: it is made anew in the long run alone.
  if (!long && existsSync(pyodideCache))
    await cp(pyodideCache, join(world.folder, ".autogpt", "cache"), { recursive: true });
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  const [, , step] = eventsOfType(await world.journal(), "step-end");
  return {
    text: step?.result.text,
    sandbox: step?.result.sandbox,
    changed: step?.result.changed,
    file: await world.file("out/result.json"),
  };
}

test("pitfall 56: without Docker, Python and bubblewrap a script runs, and prints what it prints under bubblewrap", async (t) => {
  if (!(await needsPrograms(t, bubblewrap, systemPython))) return;
  const empty = await runsTheScript(t, { PATH: "/nonexistent" });
  assert.equal(empty.sandbox, "pyodide");
  assert.equal(empty.changed, true);
  assert.deepEqual(JSON.parse(empty.file), { sum: 3.5, text: "zażółć 中文 😀" });
  const confined = await runsTheScript(t, { SANDBOX: "bubblewrap" });
  assert.equal(confined.sandbox, "bubblewrap");
  assert.equal(confined.text, empty.text);
  assert.equal(confined.file, empty.file);
  assert.match(
    confined.text ?? "",
    /^Command execute_python_file returned: \{"argv": \["main\.py"\], "folder": "\/workspace"/,
  );
});

test("pitfall 57: a missing file, a wrong type and a missing sandbox are told apart", async (t) => {
  const script = [
    python,
    reply("execute_python_file", { filename: "notes.txt" }),
    writes("main.py", "print(1)"),
    python,
    done,
  ];
  const world = await scriptedWorld(t, script, { env: { SANDBOX: "docker" } });
  await world.run(["-c"]);
  const [missing, type, , none] = await results(world);
  assert.match(missing ?? "", /Error: File 'main\.py' does not exist\./);
  assert.match(type ?? "", /Error: Invalid file type\. Only \.py files are allowed\./);
  assert.match(none ?? "", /docker: Docker is not (running|installed)/);
  assert.doesNotMatch(none ?? "", /does not exist/);
});

test("what Python says of a failing script reaches the model", async (t) => {
  if (!(await needsPrograms(t, bubblewrap, systemPython))) return;
  const world = await scriptedWorld(
    t,
    [writes("main.py", "print('begun')\nraise ValueError('broken')"), python, done],
    {
      env: { SANDBOX: "bubblewrap" },
    },
  );
  await world.run(["-c"]);
  const [, failed] = await results(world);
  assert.match(failed ?? "", /returned: Error: the script ended with exit code 1\..*ValueError: broken.*begun/s);
});

test("pitfall 58: a file name with shell characters is inert", async (t) => {
  if (!(await needsPrograms(t, bubblewrap, systemPython))) return;
  const name = "a; touch pwned; $(touch pwned) .py";
  const run = reply("execute_python_file", { file: name });
  for (const SANDBOX of ["bubblewrap", "none"]) {
    const world = await scriptedWorld(t, [writes(name, "print('ran')"), run, done], {
      env: { SANDBOX, ALLOW_UNSANDBOXED_SHELL: "True" },
    });
    await world.run(["-c"]);
    assert.match((await results(world))[1] ?? "", /returned: ran\n/);
    await assert.rejects(world.file("pwned"), { code: "ENOENT" });
  }
});

test("without EXECUTE_LOCAL_COMMANDS the shell is not listed, is refused in the original's words, and nothing runs", async (t) => {
  const popen = reply("execute_shell_popen", { command_line: "touch pwned" });
  const world = await scriptedWorld(t, [shell("touch pwned"), popen, done]);
  await world.run(["-c"]);
  const [first, second] = await results(world);
  assert.equal(first, `Command execute_shell returned: ${sentence}`);
  assert.equal(second, `Command execute_shell_popen returned: ${sentence}`);
  assert.deepEqual(await started(world), ["task_complete"]);
  const prompt = world.messages(0)[0]?.content ?? "";
  assert.doesNotMatch(prompt, /execute_shell|job_output|stop_job/);
  assert.match(prompt, /\d+\. Execute Python File: "execute_python_file", args: "file": "<file>"\n/);
  await assert.rejects(world.file("pwned"), { code: "ENOENT" });
});

test("with it, the prompt lists the shell as the original did, and jobs before Do Nothing", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const world = await scriptedWorld(t, [done], { env: allowed });
  await world.run(["-c"]);
  const prompt = world.messages(0)[0]?.content ?? "";
  assert.match(
    prompt,
    /\d+\. Execute Shell Command, non-interactive commands only: "execute_shell", args: "command_line": "<command_line>"\n\d+\. Task Complete/,
  );
  assert.match(
    prompt,
    /"execute_shell_popen".*\n.*"job_output".*\n.*"stop_job", args: "job": "<job_number>"\n(?:\d+\. .*\n)*\d+\. Do Nothing/,
  );
});

test("pitfall 60: shell output is text in two streams, with the exit code; the folder stays the workspace", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const lines = [
    "echo hi; echo zażółć >&2",
    "cd /; pwd",
    "pwd; exit 3",
    "ls | sort",
    "printf '\\377x'",
    "echo {css,js}; [[ a == a ]] && sleep 9 &",
  ];
  const world = await scriptedWorld(t, [...lines.map(shell), done], { env: allowed });
  await world.run(["-c"]);
  const [hi, moved, code, sorted, latin, bash] = await results(world);
  assert.equal(hi, "Command execute_shell returned: STDOUT:\nhi\n\nSTDERR:\nzażółć\n");
  assert.match(moved ?? "", /STDOUT:\n\/\n/);
  assert.match(code ?? "", /STDOUT:\n\/workspace\n\nSTDERR:\n\nEXIT CODE: 3/);
  assert.match(sorted ?? "", /STDOUT:\n\nSTDERR:\n/);
  assert.match(latin ?? "", /STDOUT:\nÿx\n/);
  assert.match(
    moved ?? "",
    /\[Each line starts anew in the workspace: its folder, variables and options do not last\.\]$/,
  );
  assert.match(bash ?? "", /STDOUT:\ncss js\n\nSTDERR:\n\n\[What this left in the background has been ended with it;/);
  const ends = eventsOfType(await world.journal(), "step-end");
  assert.deepEqual(ends.map(({ result }) => result.sandbox).slice(0, 2), ["bubblewrap", "bubblewrap"]);
});

test("pitfall 59: what waits for input, hides in the background or never ends is bounded, and the loop goes on", async (t) => {
  if (!(await needsPrograms(t, bubblewrap, systemPython))) return;
  const world = await scriptedWorld(
    t,
    [
      shell('cat; read x; echo "[$x]"'),
      shell("sleep 1000 & echo started"),
      shell("sleep 1000"),
      shell("head -c 10000000 /dev/zero | tr '\\0' 'x'"),
      writes("main.py", "import time\nwhile True: time.sleep(0.01)"),
      python,
      done,
    ],
    { env: { ...allowed, EXECUTION_TIMEOUT: "2" } },
  );
  const { code } = await world.run(["-c"]);
  assert.equal(code, 0);
  const [input, background, slow, large, , endless] = await results(world);
  assert.match(input ?? "", /STDOUT:\n\[\]\n/);
  assert.match(background ?? "", /STDOUT:\nstarted\n/);
  assert.match(slow ?? "", /Error: it was still running after 2 seconds and was ended\./);
  assert.match(large ?? "", /bytes of output are left out here/);
  assert.ok((large ?? "").length < 140_000, `${large?.length} characters`);
  assert.match(endless ?? "", /Error: it was still running after 2 seconds and was ended\./);
});

test("pitfall 61: a background job is started by its documented argument, read, and ended", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const popen = (args: Record<string, string>): string => reply("execute_shell_popen", args);
  const line = "echo first; while [ ! -e go ]; do sleep 0.05; done; echo second; sleep 1000";
  const world = await scriptedWorld(
    t,
    [
      popen({ command_line: line }),
      popen({ query: "echo quick" }),
      shell("touch go; sleep 0.5"),
      reply("job_output", { job: 1 }),
      reply("job_output", { job: "1" }),
      reply("stop_job", { job: 1 }),
      reply("job_output", { job: 2 }),
      reply("job_output", { job: 7 }),
      done,
    ],
    { env: allowed },
  );
  await world.run(["-c"]);
  const [one, two, , first, again, stopped, quick, none] = await results(world);
  assert.match(one ?? "", /Job 1 was started in the background/);
  assert.match(two ?? "", /Job 2 was started/);
  assert.match(first ?? "", /Job 1 is running\.\nSTDOUT:\nfirst\nsecond\n/);
  assert.match(again ?? "", /Job 1 is running\.\nSTDOUT:\n\nSTDERR:\n/);
  assert.match(stopped ?? "", /Job 1 has ended: it was stopped\./);
  assert.match(quick ?? "", /Job 2 has ended: exit code 0\.\nSTDOUT:\nquick\n/);
  assert.match(none ?? "", /Error: There is no job 7 in this run\./);
});

test("jobs end with the run", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const line = "while :; do date +%s%N > beat; sleep 0.05; done";
  const world = await scriptedWorld(
    t,
    [reply("execute_shell_popen", { command_line: line }), shell("sleep 0.5"), done],
    {
      env: allowed,
    },
  );
  const { code } = await world.run(["-c"]);
  assert.equal(code, 0);
  const beat = await world.file("beat");
  await delay(400);
  assert.equal(await world.file("beat"), beat);
});

const unconfined = { ...allowed, SANDBOX: "none" };

test("unconfined, the shell is refused in continuous mode, and does not run", async (t) => {
  const world = await scriptedWorld(t, [shell("touch pwned"), done], { env: unconfined });
  await world.run(["-c"]);
  assert.match((await results(world))[0] ?? "", /returned: Error: .*nothing to confine it.*Do not try it again/);
  assert.deepEqual(await started(world), ["task_complete"]);
  await assert.rejects(world.file("pwned"), { code: "ENOENT" });
  assert.doesNotMatch(world.messages(0)[0]?.content ?? "", /execute_shell/);
});

test("with ALLOW_UNSANDBOXED_SHELL it runs in continuous mode, without our keys, and leaves no process", async (t) => {
  const line = 'env; setsid sleep 987654 & echo "$OPENAI_API_KEY"';
  const world = await scriptedWorld(t, [shell(line), done], {
    env: { ...unconfined, ALLOW_UNSANDBOXED_SHELL: "True", OPENAI_API_KEY: "sk-planted-secret-1" },
  });
  await world.run(["-c"]);
  const [first] = await results(world);
  assert.match(first ?? "", /PATH=/);
  assert.doesNotMatch(first ?? "", /planted|\[secret\]|OPENAI/);
  const { stdout } = await new Promise<{ stdout: string }>((resolve) => {
    void import("node:child_process").then(({ execFile }) =>
      execFile("ps", ["-eo", "args"], (_error, stdout) => resolve({ stdout })),
    );
  });
  assert.doesNotMatch(stdout, /sleep 987654/);
});

test("unconfined, every command line takes a yes of its own: y -N does not cover it", async (t) => {
  const world = await scriptedWorld(
    t,
    [reply("do_nothing"), shell("echo one"), reply("do_nothing"), shell("echo two"), done],
    {
      env: unconfined,
    },
  );
  const { stdout } = await world.run(["-y"], { input: "y -4\ny\nn\n" });
  const asked = eventsOfType(await world.journal(), "command-asked");
  assert.deepEqual(
    asked.map(({ step }) => step),
    [1, 2, 4],
  );
  assert.match(asked[1]?.effect ?? "", /nothing confines it/);
  assert.match(
    stdout,
    /COMMAND = execute_shell {2}ARGUMENTS = \{"command_line":"echo one"\} {2}\(runs code on this machine, and nothing confines it\)/,
  );
  assert.deepEqual(await started(world), ["do_nothing", "execute_shell", "do_nothing"]);
});

test("SANDBOX=required runs nothing that is not confined", async (t) => {
  const world = await scriptedWorld(t, [shell("touch pwned"), done], {
    env: { ...allowed, SANDBOX: "required", PATH: "/nonexistent", ALLOW_UNSANDBOXED_SHELL: "True" },
  });
  await world.run(["-c"]);
  assert.match(
    (await results(world))[0] ?? "",
    /Error: shell commands cannot be run here.*bubblewrap: it is not installed/,
  );
  await assert.rejects(world.file("pwned"), { code: "ENOENT" });
});

test("code runs in the folder that one stands in; the program's own files and the user's tools are out of its reach", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const line =
    "cat .env ai_settings.yaml .autogpt/runs/*/events.jsonl; ls -A .autogpt; cat CLAUDE.md; echo >>CLAUDE.md; mkdir .vscode; " +
    "echo '{}' >.vscode/tasks.json; echo 'print(6 * 7)' >six.py";
  const script = [shell(line), reply("execute_python_file", { file: "six.py" }), writes(".git/config", "evil"), done];
  const world = await scriptedWorld(t, script, { env: allowed });
  await writeFile(join(world.folder, ".env"), "OPENAI_API_KEY=sk-planted-secret-2\n");
  await writeFile(join(world.folder, "CLAUDE.md"), "theirs\n");
  await world.run(["-c", "-w", "."]);
  const [first = "", second = "", third = ""] = await results(world);
  assert.match(first, /STDOUT:\ntheirs\n/);
  assert.match(first, /Taken out of the workspace again: "\.vscode"/);
  assert.doesNotMatch(first, /planted|ai_goals|run-start/);
  assert.match(second, /42/);
  assert.match(
    third,
    /Error: The path "\.git\/config" can be read, but not be made, changed or deleted: version control/,
  );
  assert.equal(await readFile(join(world.folder, "CLAUDE.md"), "utf8"), "theirs\n");
  assert.ok(!existsSync(join(world.folder, ".vscode")));
});

const counted = {
  goal: "Write twenty words",
  checks: [
    {
      run: {
        command: "wc -w < report.md | awk '$1 < 20 { exit 1 }'; test $(wc -w < report.md) -ge 20 && echo enough",
        output: "^enough$",
        timeout: 20,
      },
    },
  ],
};

test("run checks are carried out in the sandbox, at task_complete and by autogpt check", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const words = (count: number): string => writes("report.md", "word ".repeat(count));
  const world = await scriptedWorld(t, [words(3), done, words(20), done], { ai: { goals: [counted] } });
  const { code, stdout } = await world.run(["-c", "--output-format", "json"]);
  assert.equal(code, 0);
  const end = JSON.parse(stdout) as RunEnd;
  assert.equal(end.goals[0]?.verdict, "proven");
  assert.match(newestResult(world.messages(2)), /task is not complete yet.*exit code 1, expected 0/s);

  assert.equal((await world.run(["check"])).code, 0);
  await writeFile(join(world.folder, "workspace", "report.md"), "few");
  const failing = await world.run(["check"]);
  assert.equal(failing.code, 4);
  assert.match(failing.stdout, /failed: "Write twenty words"\n {2}run wc -w.*exit code 1, expected 0/);
});

test("Ctrl-C stops a run check that is under way in autogpt check", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const wait = "until [ -e last ]; do sleep 0.05; touch begun; done";
  const slow = { goal: "Wait", checks: [{ run: { command: wait, timeout: 100 } }] };
  const world = await scriptedWorld(t, [], { ai: { goals: [slow] } });
  await mkdir(join(world.folder, "workspace"));
  const running = world.start(["check"]);
  while (!existsSync(join(world.folder, "workspace", "begun"))) await delay(20);
  running.child.kill("SIGINT");
  assert.equal((await running.ended).code, 130);
});

test("a run check sees the workspace and nothing else, and shows no control characters", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const look = {
    goal: "Look",
    checks: [{ run: `cat ../.env ~/.env /etc/shadow; printf '\\033[2J\\302\\233'; exit 1` }],
  };
  const world = await scriptedWorld(t, [], { ai: { goals: [look] } });
  await mkdir(join(world.folder, "workspace"), { recursive: true });
  await writeFile(join(world.folder, ".env"), "OPENAI_API_KEY=sk-planted-secret-3\n");
  const { code, stdout } = await world.run(["check"]);
  assert.equal(code, 4);
  assert.doesNotMatch(stdout, /planted|root:|[\u001b\u009b]/);
  assert.equal(await readFile(join(world.folder, ".env"), "utf8"), "OPENAI_API_KEY=sk-planted-secret-3\n");
});
