import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { JournalEvent } from "../../../src/history/events.js";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { cutAfter, newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "done" });
const write = (file: string, text = "x") => reply("write_to_file", { file, text });
const trusting = ["-y", "-c", "--trust-extensions"];
const secret = "sk-very-secret-key-of-mine";

type HooksWorld = World & { seen(): Promise<Record<string, unknown>[]> };

/** A world with hooks, `hook.sh` and others, in its folder; each event that one is told is a line of `seen`. */
async function worldWith(
  t: TestContext,
  hooks: unknown,
  chat: readonly string[],
  scripts: Record<string, string> = {},
): Promise<HooksWorld> {
  const world = await scriptedWorld(t, chat, {
    ai: { more: `hooks: ${JSON.stringify(hooks)}\n` },
    env: { OPENAI_API_KEY: secret },
  });
  for (const [name, script] of Object.entries({ "hook.sh": "", ...scripts }))
    await writeFile(join(world.folder, name), `cat >> seen\n${script}`);
  return {
    ...world,
    async seen() {
      const text = await readFile(join(world.folder, "seen"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

const ran = (journal: readonly JournalEvent[]) =>
  eventsOfType(journal, "hook-ran").map(({ step, event, outcome }) => `${step} ${event} ${outcome}`);

test("hooks hear of the run's beginning, each command, its result and the run's end, in order, without secrets", async (t) => {
  const line = "sh ./hook.sh";
  const hooks = {
    "run-start": line,
    "before-command": [line],
    "after-command": line,
    "run-end": { command: "sh", args: ["./hook.sh"] },
  };
  const world = await worldWith(t, hooks, [write("a.txt", `key ${secret}`), done]);
  const { code, stdout, stderr } = await world.run(trusting);
  assert.equal(code, 0, stderr);
  assert.match(stdout + stderr, /Hook: before-command: sh \.\/hook\.sh\n/);
  const seen = await world.seen();
  assert.deepEqual(
    seen.map(({ event, step }) => [event, step]),
    [
      ["run-start", 1],
      ["before-command", 1],
      ["after-command", 1],
      ["before-command", 2],
      ["after-command", 2],
      ["run-end", undefined],
    ],
  );
  const [start, before, after] = seen;
  assert.deepEqual([start?.["resumed"], start?.["goals"]], [false, ["Do it"]]);
  assert.equal(start?.["workspace"], join(world.folder, "workspace"));
  assert.deepEqual(Object.keys(before ?? {}), ["event", "run", "step", "workspace", "command", "effect"]);
  assert.match(JSON.stringify(after), /"result":\{"ok":true,"text":/);
  assert.equal((seen.at(-1)?.["end"] as { reason: string }).reason, "task-complete");
  assert.doesNotMatch(JSON.stringify(seen), /very-secret/);
  assert.match(await world.file("a.txt"), /key sk-very-secret/, "what a hook is shown does not change the command");
  const journal = await world.journal();
  assert.equal(journal.at(-1)?.type, "run-end");
  assert.deepEqual(eventsOfType(journal, "run-start")[0]?.hooks?.length, 4);
  assert.deepEqual(ran(journal), [
    "1 run-start passed",
    "1 before-command passed",
    "1 after-command passed",
    "2 before-command passed",
    "2 after-command passed",
    "2 run-end passed",
  ]);
});

test("a hook refuses a command with a reason, or gives it other arguments, which are shown, checked and asked about", async (t) => {
  const check = `case $(tail -n 1 seen) in
*'"file":"no.txt"'*) echo '{"refuse": "not that one, ${secret}"}';;
*'"file":"move.txt"'*) echo '{"args": {"file": "moved.txt", "text": "other"}, "note": "moved it"}';;
*'"file":"never.txt"'*) echo '{"args": {"file": "never/x.txt", "text": ""}}';;
*'"file":"wrong.txt"'*) echo '{"args": {"text": 3}}';;
*'"file":"out.txt"'*) echo '{"args": {"file": "../out.txt", "text": ""}}';;
esac\n`;
  const hooks = { "before-command": { command: "sh", args: ["./hook.sh"], commands: ["write_to_file"] } };
  const world = await worldWith(
    t,
    hooks,
    [write("no.txt"), write("move.txt"), write("never.txt"), write("wrong.txt"), write("out.txt"), done],
    { "hook.sh": check },
  );
  const settings = join(world.folder, "ai_settings.yaml");
  await writeFile(settings, `${await readFile(settings, "utf8")}approve: { write_to_file: { "never/*": never } }\n`);
  const { code, stdout, stderr } = await world.run(trusting);
  assert.equal(code, 0, stderr);
  const results = [1, 2, 3, 4, 5].map((request) => newestResult(world.messages(request)));
  assert.match(results[0] ?? "", /Error: a hook of the user's does not allow this\. The reason: not that one, /);
  assert.doesNotMatch(results[0] ?? "", /very-secret/);
  assert.match(results[1] ?? "", /moved\.txt|written/i);
  assert.match(results[1] ?? "", /changed the arguments before it ran\. file: "moved\.txt"; text: "other"/);
  assert.equal(await world.file("moved.txt"), "other");
  assert.match(results[2] ?? "", /Error: the user's rules do not allow this/);
  assert.match(
    results[3] ?? "",
    /a hook of the user's gave it other arguments, with which it cannot run: the argument "file" is missing/,
  );
  assert.match(results[4] ?? "", /Error: /);
  assert.match(
    stderr,
    /The hook sh \.\/hook\.sh \(before-command\) changed the arguments: \{"file":"moved\.txt","text":"other"\}/,
  );
  assert.match(stderr, /\(before-command\): moved it/);
  assert.match(stdout, /write_to_file {2}ARGUMENTS = \{"file":"moved\.txt"/);
  const journal = await world.journal();
  assert.deepEqual(ran(journal), [
    "1 before-command refused",
    "2 before-command changed",
    "3 before-command changed",
    "4 before-command changed",
    "5 before-command changed",
  ]);
  assert.deepEqual(
    eventsOfType(journal, "command-start").map(({ command }) => [command.name, command.args["file"]]),
    [
      ["write_to_file", "moved.txt"],
      ["task_complete", undefined],
    ],
  );
});

test("the person is asked about what a hook made of a command, and what they make of it is put before the hook again", async (t) => {
  const check = `case $(tail -n 1 seen) in
*'"file":"a.txt"'*) echo '{"args": {"file": "b.txt", "text": "x"}}';;
*'"file":"forbidden.txt"'*) echo '{"refuse": "no"}';;
esac\n`;
  const hooks = { "before-command": { command: "sh", args: ["./hook.sh"], commands: ["write_to_file"] } };
  const world = await worldWith(t, hooks, [write("a.txt"), write("c.txt"), done], { "hook.sh": check });
  const { code, stdout, stderr } = await world.run(["-y", "--trust-extensions"], {
    input: 'y\ne\n{"file": "forbidden.txt", "text": "x"}\ny\ny\n',
  });
  assert.equal(code, 0, stderr + stdout);
  assert.match(stdout, /NEXT ACTION: COMMAND = write_to_file {2}ARGUMENTS = \{"file":"b\.txt"/);
  assert.equal(await world.file("b.txt"), "x");
  const journal = await world.journal();
  assert.deepEqual(
    eventsOfType(journal, "command-asked").map(({ command }) => command.args["file"]),
    ["b.txt", "c.txt", "forbidden.txt", undefined],
  );
  assert.equal(eventsOfType(journal, "step-end")[1]?.outcome, "refused");
  await assert.rejects(world.file("forbidden.txt"));
});

test("what an after-command hook says is told to the AI, and what it changes belongs to the step", async (t) => {
  const format = `printf 'formatted' > workspace/a.txt; echo '{"note": "one line too long"}'\n`;
  const hooks = { "after-command": { command: "sh", args: ["./hook.sh"], commands: ["write_to_file"] } };
  const world = await worldWith(t, hooks, [write("a.txt"), done], { "hook.sh": format });
  assert.equal((await world.run(trusting)).code, 0);
  assert.match(newestResult(world.messages(1)), /\n\[A program of the user's says of this: one line too long\]/);
  assert.equal(await world.file("a.txt"), "formatted");
  const undone = await world.run(["undo"]);
  assert.equal(undone.code, 0, undone.stderr);
  await assert.rejects(world.file("a.txt"), "undo takes back what the hook made of it, too");
});

test("a hook that fails is said, and the run goes on, unless it is required", async (t) => {
  const failing = (required: boolean, event: string) => ({
    [event]: { command: "sh", args: ["./fail.sh"], required: String(required) },
  });
  const scripts = { "fail.sh": "echo broken >&2; exit 1\n" };
  for (const event of ["run-start", "before-command", "after-command", "run-end"]) {
    const free = await worldWith(t, failing(false, event), [write("a.txt"), done], scripts);
    const ended = await free.run(trusting);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(
      ended.stderr,
      new RegExp(
        `WARNING: The hook sh \\./fail\\.sh \\(${event}\\) failed: it ended with exit code 1\\. It said: broken\\.`,
      ),
    );
    assert.equal(await free.file("a.txt"), "x");

    const strict = await worldWith(t, failing(true, event), [write("a.txt"), done], scripts);
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
  const world = await worldWith(t, hooks, [write("a.txt"), done, done, done]);
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

test("hooks that nobody has trusted are not run; a yes holds until a program of theirs changes", async (t) => {
  const world = await worldWith(t, { "run-start": "sh ./hook.sh" }, [done, done]);
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
    const world = await worldWith(t, hooks, [done]);
    await world.run(["--version"]);
    await (await import("node:fs/promises")).mkdir(join(world.folder, "workspace"), { recursive: true });
    await writeFile(join(world.folder, "workspace", "hook.sh"), "");
    const { code, stderr } = await world.run(["-c", "-y"]);
    assert.equal(code, 2, `${JSON.stringify(hooks)} ${stderr}`);
    assert.match(stderr, problem);
  }
});
