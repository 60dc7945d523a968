import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const write = (file: string, text = "x"): string => reply("write_to_file", { file, text });
const shell = (line: string): string => reply("execute_shell", { command_line: line });

const steps = async (world: World, type: "command-asked" | "command-start"): Promise<number[]> =>
  eventsOfType(await world.journal(), type).map(({ step }) => step);
const results = async (world: World): Promise<string[]> =>
  eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);

const more = `approve:
  read_file: always
  delete_file: never
  write_to_file:
    "secret/*": never
    "notes/*": always
`;

test("rules of ai_settings.yaml: always is not asked, never is refused and says so, the rest is asked", async (t) => {
  const world = await scriptedWorld(
    t,
    [
      write("notes/a.txt"),
      reply("read_file", { file: "notes/a.txt" }),
      reply("delete_file", { file: "notes/a.txt" }),
      write("notes/../secret/key.txt"),
      write("./secret/key.txt"),
      write("SECRET/key.txt"),
      write("other.txt"),
      done,
    ],
    { ai: { more } },
  );
  const { stdout } = await world.run(["-y"], { input: "y\nn\n" });
  assert.deepEqual(await steps(world, "command-asked"), [7, 8]);
  assert.deepEqual(await steps(world, "command-start"), [1, 2, 7]);
  const refused = (await results(world)).slice(2, 6);
  for (const text of refused)
    assert.match(text, /returned: Error: the user's rules do not allow this\. Do not try it again/);
  assert.equal(await world.file("notes/a.txt"), "x");
  await assert.rejects(world.file("secret/key.txt"), { code: "ENOENT" });
  assert.match(stdout, /COMMAND = write_to_file {2}ARGUMENTS = \{"file":"other\.txt","text":"x"\} {2}\(writes\)/);
});

test("rules hold in continuous mode and after a resume; what would have to be asked is refused there", async (t) => {
  const asks = `${more}  do_nothing: ask\n`;
  const script = [
    reply("delete_file", { file: "a.txt" }),
    reply("do_nothing"),
    reply("delete_file", { file: "a.txt" }),
    done,
  ];
  const world = await scriptedWorld(t, script, { ai: { more: asks } });
  assert.equal((await world.run(["-c", "-l", "2"])).code, 5);
  assert.equal((await world.run(["--resume", "-l", "9"])).code, 0);
  assert.deepEqual(await steps(world, "command-start"), [4]);
  const [first, second, third] = await results(world);
  assert.match(first ?? "", /rules do not allow this/);
  assert.match(second ?? "", /needs the user's own yes, and in continuous mode nobody is asked/);
  assert.match(third ?? "", /rules do not allow this/);
});

test("a shell line is allowed by rules only if each of its commands is, and nothing in it is unclear", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const rules = 'approve:\n  execute_shell:\n    "rm *": never\n    "echo *": always\n    "ls": always\n';
  const lines = ["echo a", "echo a | ls", "echo a; touch b", "echo a > b", "echo $(ls)", "ls; rm -rf x", "ls -a"];
  const world = await scriptedWorld(t, [...lines.map(shell), done], {
    ai: { more: rules },
    env: { EXECUTE_LOCAL_COMMANDS: "True" },
  });
  await world.run(["-y"], { input: "not now\nnot now\nnot now\nnot now\nn\n" });
  assert.deepEqual(await steps(world, "command-start"), [1, 2]);
  assert.deepEqual(await steps(world, "command-asked"), [3, 4, 5, 7, 8]);
  assert.match((await results(world))[5] ?? "", /rules do not allow this/);
});

test("what a rule forbids stays so behind a path or another command, also in continuous mode", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const rules = 'approve:\n  execute_shell:\n    "rm *": never\n    "*": always\n';
  const forbidden = ["rm a", "/bin/rm a", "env rm a", "env -i /bin/./rm a", "nice -n 5 rm a", "timeout 5 rm a"];
  const more = ["sh -c 'ls; rm a'", "find a -exec rm a ';'", "command rm a", "ls; nohup rm a"];
  const unclear = ["echo a | xargs rm", "eval 'rm a'", "env sh -c 'ls; rm a'", "trap 'rm a' EXIT", "sh -ec 'rm a'"];
  const fine = ["timeout 5 ls", "/bin/ls", "sh -c 'ls | sort'"];
  const lines = [...forbidden, ...more, ...unclear, ...fine];
  const world = await scriptedWorld(t, [write("a"), ...lines.map(shell), done], {
    ai: { more: rules },
    env: { EXECUTE_LOCAL_COMMANDS: "True", SHELL_COMMAND_CONTROL: "off" },
  });
  await world.run(["-c"]);
  const [, ...texts] = await results(world);
  const firstUnclear = forbidden.length + more.length;
  const firstFine = firstUnclear + unclear.length;
  lines.forEach((line, index) => {
    const text = texts[index] ?? "";
    if (index < firstUnclear) assert.match(text, /rules do not allow this/, line);
    else if (index < firstFine) assert.match(text, /needs the user's own yes/, line);
    else assert.match(text, /STDOUT:\n(?!\n)/, line);
  });
  assert.equal(await world.file("a"), "x");
});

test("y -3 with a failing command in between and always-allowed ones beside it: exactly three start unasked", async (t) => {
  const world = await scriptedWorld(
    t,
    [write("a.txt"), reply("read_file", { file: "missing.txt" }), write("b.txt"), write("c.txt"), done],
    { ai: { more } },
  );
  await world.run(["-y"], { input: "y -3\nn\n" });
  assert.deepEqual(await steps(world, "command-start"), [1, 2, 3]);
  assert.deepEqual(await steps(world, "command-asked"), [1, 4]);
});

for (const [what, rules, message] of [
  [
    "a command that does not exist",
    "approve:\n  delet_file: never\n",
    /approve.*"delet_file", and there is no such command/,
  ],
  [
    "a word that is no decision",
    "approve:\n  delete_file: no\n",
    /line \d+: approve must name commands, each with always, ask, never/,
  ],
  ["a list", "approve:\n  - delete_file\n", /approve must name commands/],
] as const) {
  test(`${what} in approve is a settings error, exit 2, and nothing starts`, async (t) => {
    const world = await scriptedWorld(t, [done], { ai: { more: rules } });
    const { code, stderr } = await world.run(["-c"]);
    assert.equal(code, 2);
    assert.match(stderr, message);
    assert.equal(world.server.requests.length, 0);
  });
}

test("saving new goals leaves the rules in the file alone", async (t) => {
  const world = await scriptedWorld(t, [], { ai: { more } });
  await world.run([], { input: "n\nNew\nrole\ngoal\n\nn\n" });
  const text = await readFile(join(world.folder, "ai_settings.yaml"), "utf8");
  assert.match(text, /^ai_name: New$/m);
  assert.ok(text.includes("delete_file: never"));
});

test("without a settings file a rule is offered for this run alone, and holds in it", async (t) => {
  const script = [write("a.txt"), write("a.txt", "again"), done];
  const world = await scriptedWorld(t, script, { ai: null });
  const { code, stdout, stderr } = await world.run(["write a file"], { input: "a\ny\ny\n" });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Allow this in this run\? No file keeps it for later ones\. y, n, or another pattern/);
  assert.doesNotMatch(stdout + stderr, /approve: of|There is no .* to keep/);
  assert.deepEqual(await steps(world, "command-asked"), [1, 3]);
  assert.equal(await world.file("a.txt"), "again");
});
