import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { readAnswer } from "../../src/hooks/answers.js";
import { findHook } from "../../src/hooks/find-hook.js";
import { runHook, type HookOutput } from "../../src/hooks/run-hook.js";
import { temporaryFolder } from "../support/program.js";
import { sourceLoader } from "../support/source-loader.js";

type Given = { timeoutMs?: number; signal?: AbortSignal; input?: string; file?: string };

async function hookIn(folder: string, script: string, { timeoutMs = 20_000, file = "hook.sh" }: Given = {}) {
  await writeFile(join(folder, file), script);
  const about = {
    ...{ event: "before-command" as const, place: "p", line: `sh ./${file}`, command: "sh", args: [`./${file}`] },
    ...{ env: { PATH: process.env["PATH"] ?? "", OWN: "mine" }, folder, commands: null, timeoutMs, required: false },
  };
  const reach = {
    path: process.env["PATH"] ?? "",
    workspace: join(folder, "ws"),
    home: join(folder, "ws", ".autogpt"),
  };
  return findHook(about, reach);
}

async function outcome(t: TestContext, script: string, given: Given = {}): Promise<HookOutput & { folder: string }> {
  const folder = await temporaryFolder(t);
  const hook = await hookIn(folder, script, given);
  const signal = given.signal ?? new AbortController().signal;
  return { ...(await runHook(hook, given.input ?? "{}", signal)), folder };
}

const problemOf = (output: HookOutput): string => (output.ok ? "none" : output.problem);

test("a hook gets the event on standard input, its own environment and the settings' folder, and its output is read", async (t) => {
  const script = 'cat > seen; printf \'{"note": "%s"}\' "$OWN"; test -z "$HOME" || exit 3\n';
  const { folder, ...output } = await outcome(t, script, { input: '{"event":"x"}' });
  assert.deepEqual(output, { ok: true, text: '{"note": "mine"}' });
  assert.equal(await readFile(join(folder, "seen"), "utf8"), '{"event":"x"}\n');
});

test("an answer may begin with a byte order mark, and is in UTF-8", async (t) => {
  assert.deepEqual(await outcome(t, "printf '\\357\\273\\277{}'\n").then(({ folder: _, ...output }) => output), {
    ok: true,
    text: "{}",
  });
  assert.equal(problemOf(await outcome(t, 'printf \'{"note": "caf\\351"}\'\n')), "its answer is not in UTF-8");
});

test("a hook that reads nothing of a long event is none the worse for it", async (t) => {
  assert.equal((await outcome(t, "exit 0\n", { input: "x".repeat(1 << 20) })).ok, true);
});

test("a hook that fails, floods, or is too slow is ended with all that it started, and says why", async (t) => {
  assert.match(
    problemOf(await outcome(t, "echo no luck >&2; exit 4\n")),
    /^it ended with exit code 4\. It said: no luck$/,
  );
  assert.match(problemOf(await outcome(t, "kill -9 $$\n")), /^it ended with SIGKILL/);
  assert.match(
    problemOf(await outcome(t, "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done\n")),
    /more than 1 MB/,
  );
  const { folder, ended } = await folderWithPipe(t);
  const slow = await hookIn(folder, "sleep 600 > pipe &\nsleep 600\n", { timeoutMs: 300 });
  assert.match(problemOf(await runHook(slow, "{}", new AbortController().signal)), /^it did not end within 0\.3 s/);
  await ended;
  const aborted = AbortSignal.abort();
  assert.match(problemOf(await outcome(t, "sleep 600\n", { signal: aborted })), /^the run was stopped/);
});

test("what a hook leaves behind in the background is ended, and not waited for", async (t) => {
  const { folder, ended } = await folderWithPipe(t);
  const hook = await hookIn(folder, "sleep 600 > pipe 2>&1 & sleep 600 > /dev/null &\n");
  assert.deepEqual(await runHook(hook, "{}", new AbortController().signal), { ok: true, text: "" });
  await ended;
});

test("a hook that is running ends where this program is killed", async (t) => {
  const folder = await temporaryFolder(t);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const pipe = createReadStream(join(folder, "pipe"));
  const hook = await hookIn(folder, "read -r told; { echo begun; sleep 600; } > pipe\n");
  const module = JSON.stringify(new URL("../../src/hooks/run-hook.ts", import.meta.url).href);
  const runs = `const { runHook } = await import(${module});
    void runHook(${JSON.stringify(hook)}, "{}", new AbortController().signal);`;
  const child = spawn(process.execPath, ["--import", sourceLoader, "--input-type=module", "-e", runs]);
  await once(pipe, "data");
  child.kill("SIGKILL");
  await once(pipe, "end");
});

/** With a named pipe; `ended` resolves once everybody who writes to it has ended. */
async function folderWithPipe(t: TestContext): Promise<{ folder: string; ended: Promise<unknown> }> {
  const folder = await temporaryFolder(t);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  return { folder, ended: readFile(join(folder, "pipe")) };
}

test("a hook that the system does not start, whatever is wrong with it, is a failure of the hook", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "plain"), "");
  await writeFile(join(folder, "no-interpreter"), "#!/no/such/program\n", { mode: 0o755 });
  await symlink("loop", join(folder, "loop"));
  const hook = await hookIn(folder, "");
  const reach = { path: process.env["PATH"] ?? "", workspace: "/none", home: "/none" };
  for (const [command, args, env, problem] of [
    ["./plain/below", [], {}, /^there is no such program$/],
    ["./loop", [], {}, /^it cannot be started \(ELOOP\)$/],
    [`./${"x".repeat(300)}`, [], {}, /^it cannot be started \(ENAMETOOLONG\)$/],
    ["./no-interpreter", [], {}, /^it cannot be started: the program in its first line \(#!\) is not there$/],
    ["sh", ["-c", "exit 0\0"], {}, /^it cannot be started: a NUL character/],
    ["sh", ["-c", "exit 0"], { NAME: "a\0b" }, /^it cannot be started: a NUL character/],
    ["sh", ["-c", "exit 0", "x".repeat(3 << 20)], {}, /^it cannot be started: an argument is longer/],
  ] as const) {
    const named = await findHook({ ...hook, command, args: [...args], env }, reach);
    assert.match(problemOf(await runHook(named, "", new AbortController().signal)), problem, command.slice(0, 20));
  }
});

test("a program that is not there, or that may not be run, is a failure of the hook", async (t) => {
  const folder = await temporaryFolder(t);
  const hook = await hookIn(folder, "");
  const signal = new AbortController().signal;
  const named = async (command: string) => {
    const reach = { path: process.env["PATH"] ?? "", workspace: "/none", home: "/none" };
    return findHook({ ...hook, command, args: [], line: command }, reach);
  };
  assert.match(
    problemOf(await runHook(await named("no-such-program"), "", signal)),
    /there is no program no-such-program/,
  );
  assert.match(problemOf(await runHook(await named("./missing.sh"), "", signal)), /there is no such program/);
  await writeFile(join(folder, "plain.sh"), "exit 0\n");
  await chmod(join(folder, "plain.sh"), 0o644);
  if (process.getuid?.() !== 0 || (await runHook(await named("./plain.sh"), "", signal)).ok === false)
    assert.match(problemOf(await runHook(await named("./plain.sh"), "", signal)), /may be run \(chmod \+x\)/);
});

test("a hook that is not what it was when the run began is not run, also where it was not there then", async (t) => {
  const folder = await temporaryFolder(t);
  const hook = await hookIn(folder, "touch ran\n");
  await writeFile(join(folder, "hook.sh"), "touch ran-otherwise\n");
  const signal = new AbortController().signal;
  const output = await runHook(hook, "", signal);
  assert.match(problemOf(output), /changed since the run began, so it was not run/);
  assert.equal(!output.ok && output.isOther, true);
  await assert.rejects(readFile(join(folder, "ran-otherwise")));
  const reach = { path: "", workspace: "/none", home: "/none" };
  const missing = await findHook({ ...hook, command: "./later.sh", args: [] }, reach);
  await writeFile(join(folder, "later.sh"), "#!/bin/sh\ntouch later-ran\n", { mode: 0o755 });
  assert.match(problemOf(await runHook(missing, "", signal)), /changed since/);
});

test("a hook in the workspace is refused, since the AI could write it; in the program's own folder there it is out of its reach", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "ws", ".autogpt"), { recursive: true });
  await assert.rejects(hookIn(folder, "", { file: "ws/hook.sh" }), {
    name: "SettingsError",
    message: /p: the hook sh \.\/ws\/hook\.sh cannot be used: .* lies in the workspace/,
  });
  assert.equal((await hookIn(folder, "", { file: "ws/.autogpt/hook.sh" })).files.length, 1);
});

test("an answer is nothing, or a JSON object with fields of its moment; what else it is, is said", () => {
  assert.deepEqual(readAnswer("run-end", " \n"), {});
  assert.deepEqual(readAnswer("before-command", '{"args": {"file": "a"}, "note": "x"}'), {
    args: { file: "a" },
    note: "x",
  });
  assert.deepEqual(readAnswer("after-command", '{"note": "x"}'), { note: "x" });
  for (const [event, output, problem] of [
    ["before-command", "ok", /its answer is no JSON object/],
    [
      "before-command",
      `{"args": {"a": ${"[".repeat(200_000)}${"]".repeat(200_000)}}}`,
      /more than 100 objects or lists/,
    ],
    ["before-command", "[]", /its answer is no JSON object/],
    ["before-command", '{"args": []}', /in its answer, args must be an object/],
    ["before-command", '{"refuse": true}', /in its answer, refuse must be text/],
    ["before-command", '{"decision": "block"}', /its answer has "decision", which means nothing here/],
    ["after-command", '{"refuse": "too late"}', /its answer has "refuse", which means nothing here/],
  ] as const)
    assert.match(String(readAnswer(event, output)), problem);
});
