import assert from "node:assert/strict";
import { watch } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventsOfType } from "../../support/program.js";
import { cutAfter } from "../support/scripted-world.js";
import { done, ran, trusting, worldWithHooks, write } from "./hooks-world.js";

test("a hook that fails is said, and the run goes on, unless it is required", async (t) => {
  const failing = (required: boolean, event: string) => ({
    [event]: { command: "sh", args: ["./fail.sh"], required: String(required) },
  });
  const scripts = { "fail.sh": "echo broken >&2; exit 1\n" };
  for (const event of ["run-start", "before-command", "after-command", "run-end"]) {
    const free = await worldWithHooks(t, failing(false, event), [write("a.txt"), done], scripts);
    const ended = await free.run(trusting);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(
      ended.stderr,
      new RegExp(
        `WARNING: The hook sh \\./fail\\.sh \\(${event}\\) failed: it ended with exit code 1\\. It said: broken\\.`,
      ),
    );
    assert.equal(await free.file("a.txt"), "x");

    const strict = await worldWithHooks(t, failing(true, event), [write("a.txt"), done], scripts);
    const stopped = await strict.run(trusting);
    assert.equal(stopped.code, 2, `${event}: ${stopped.stderr}`);
    const [end] = eventsOfType(await strict.journal(), "run-end");
    assert.equal(end?.reason, "settings");
    assert.match(
      end?.message ?? "",
      /The hook sh \.\/fail\.sh .*failed, and it is required: it ended with exit code 1/,
    );
    const steps = { "run-start": 0, "before-command": 0, "after-command": 1, "run-end": 2 };
    assert.equal(end?.steps, steps[event as keyof typeof steps], event);
  }
});

test("a run that goes on runs no hook for a command that has run, and says that the hooks are others now", async (t) => {
  const line = "sh ./hook.sh";
  const hooks = { "run-start": line, "before-command": line, "after-command": line };
  const world = await worldWithHooks(t, hooks, [write("a.txt"), done, done, done]);
  assert.equal((await world.run(trusting)).code, 0);
  // As a program that was killed behind the command, before its result was written.
  await cutAfter(world, ({ type }) => type === "command-start");
  await writeFile(join(world.folder, "seen"), "");
  const resumed = await world.run(["-y", "-c", "--resume"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.deepEqual(
    (await world.seen()).map(({ event, step, resumed: isResumed }) => [event, step, isResumed]),
    [
      ["run-start", 1, true],
      ["before-command", 2, undefined],
      ["after-command", 2, undefined],
    ],
  );
  await cutAfter(world, ({ type }) => type === "step-remembered");
  const settings = join(world.folder, "ai_settings.yaml");
  await writeFile(settings, (await readFile(settings, "utf8")).replace(/^hooks: .*$/m, ""));
  const without = await world.run(["-y", "-c", "--resume"]);
  assert.equal(without.code, 0, without.stderr);
  assert.match(without.stderr, /The hooks are not those that this run began with/);
  assert.deepEqual(eventsOfType(await world.journal(), "run-resumed").at(-1)?.hooks, []);
});

test("a yes to a parked question about what a hook made of a command runs that, and a hook that is running ends with the run", async (t) => {
  const check = `case $(tail -n 1 seen) in
*'"file":"a.txt"'*) echo '{"args": {"file": "b.txt", "text": "x"}}';;
*'"file":"slow.txt"'*) touch slow; sleep 600;;
esac\n`;
  const hooks = { "before-command": { command: "sh", args: ["./hook.sh"], timeout: 900 } };
  const world = await worldWithHooks(t, hooks, [write("a.txt"), write("slow.txt")], { "hook.sh": check });
  const parked = await world.run(["-y", "--trust-extensions", "--on-approval", "park"]);
  assert.equal(parked.code, 75, parked.stderr);
  const [question] = eventsOfType(await world.journal(), "command-parked");
  assert.equal(question?.command.args["file"], "b.txt");
  assert.equal((await world.run(["approve", "last", "--yes", question.question])).code, 0);
  const controller = new AbortController();
  const watcher = watch(world.folder, (_event, name) => {
    if (name === "slow") controller.abort();
  });
  t.after(() => watcher.close());
  const ended = await world.run(["--resume", "-c"], { signal: controller.signal });
  assert.equal(ended.code, 130, ended.stderr);
  assert.equal(await world.file("b.txt"), "x");
  const journal = await world.journal();
  assert.deepEqual(ran(journal), ["1 before-command changed", "1 before-command changed"]);
  assert.equal(eventsOfType(journal, "command-start").length, 1);
});

test("hooks that nobody has trusted are not run; a yes holds until a program of theirs changes", async (t) => {
  const world = await worldWithHooks(t, { "run-start": "sh ./hook.sh" }, [done, done]);
  const refused = await world.run(["-y", "-c"]);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /line \d+: the hook run-start: sh \.\/hook\.sh is not trusted, .*A hook is a program that runs/,
  );
  assert.deepEqual(await world.seen(), []);
  const asked = await world.run(["-c"], { input: "y\ny\n" });
  assert.equal(asked.code, 0, asked.stderr);
  assert.match(
    asked.stdout,
    /names hooks: programs that run with your rights[^]*run-start: sh \.\/hook\.sh[^]*\(y\/n\)\?/,
  );
  assert.equal((await world.run(["-y", "-c"])).code, 0);
  await writeFile(join(world.folder, "hook.sh"), "exit 0\n");
  const changed = await world.run(["-y", "-c"]);
  assert.equal(changed.code, 2);
});

test("what is written wrong names file, line, hook and field", async (t) => {
  const wrong: [unknown, RegExp][] = [
    [["a"], /ai_settings\.yaml, line \d+: hooks must name one or more of run-start/],
    [{ "before-comand": "x" }, /hooks: there is no "before-comand"/],
    [{ "run-start": { args: ["x"] } }, /hooks: run-start: command is missing\./],
    [{ "run-start": { command: "x", timeout: "soon" } }, /run-start: timeout must be a number of seconds/],
    [{ "run-start": { command: "x", timeout: 0 } }, /run-start: timeout must be a number of seconds/],
    [{ "run-start": { command: "x", required: "maybe" } }, /run-start: required must be true or false/],
    [{ "run-start": { command: "x", run: "y" } }, /run-start: run means nothing here/],
    [{ "run-start": "cat | sh" }, /run-start: no shell reads this line/],
    [{ "run-start": { command: "x", env: { A: "${NOT_SET_ANYWHERE}" } } }, /the variable NOT_SET_ANYWHERE is not set/],
    [{ "run-start": "sh ./workspace/hook.sh" }, /lies in the workspace .*Move it out of there/],
  ];
  for (const [hooks, problem] of wrong) {
    const world = await worldWithHooks(t, hooks, [done]);
    await world.run(["--version"]);
    await mkdir(join(world.folder, "workspace"), { recursive: true });
    await writeFile(join(world.folder, "workspace", "hook.sh"), "");
    const { code, stderr } = await world.run(["-c", "-y"]);
    assert.equal(code, 2, `${JSON.stringify(hooks)} ${stderr}`);
    assert.match(stderr, problem);
  }
});
