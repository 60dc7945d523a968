import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventsOfType } from "../../support/program.js";
import { newestResult } from "../support/scripted-world.js";
import { done, ran, secret, trusting, worldWithHooks, write } from "./hooks-world.js";

test("hooks hear of the run's beginning, each command, its result and the run's end, in order, without secrets", async (t) => {
  const line = "sh ./hook.sh";
  const hooks = {
    "run-start": line,
    "before-command": [line],
    "after-command": line,
    "run-end": { command: "sh", args: ["./hook.sh"] },
  };
  const world = await worldWithHooks(t, hooks, [write("a.txt", `key ${secret}`), done]);
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
  const world = await worldWithHooks(
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
  const world = await worldWithHooks(t, hooks, [write("a.txt"), write("c.txt"), done], { "hook.sh": check });
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
  const world = await worldWithHooks(t, hooks, [write("a.txt"), done], { "hook.sh": format });
  assert.equal((await world.run(trusting)).code, 0);
  assert.match(newestResult(world.messages(1)), /\n\[A program of the user's says of this: one line too long\]/);
  assert.equal(await world.file("a.txt"), "formatted");
  const undone = await world.run(["undo"]);
  assert.equal(undone.code, 0, undone.stderr);
  await assert.rejects(world.file("a.txt"), "undo takes back what the hook made of it, too");
});
