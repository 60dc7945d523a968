import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const nothing = reply("do_nothing");
const firstTrigger = "Determine which next command to use, and respond using the format specified above:";

const steps = async (world: World, type: "command-asked" | "command-start"): Promise<number[]> =>
  eventsOfType(await world.journal(), type).map(({ step }) => step);
const ending = async (world: World): Promise<RunEnd | undefined> =>
  eventsOfType(await world.journal(), "run-end").at(-1);

test("y runs the command, in either case, with spaces around it and after a line end of Windows", async (t) => {
  const answers = ["y", "Y", "  y  ", "\ty\t", "y\r"];
  const world = await scriptedWorld(t, [...Array<string>(4).fill(nothing), done]);
  const { code } = await world.run(["-y"], { input: answers.map((answer) => `${answer}\n`).join("") });
  assert.equal(code, 0);
  assert.deepEqual(await steps(world, "command-asked"), [1, 2, 3, 4, 5]);
});

test("every command is asked about, do_nothing and task_complete included", async (t) => {
  const world = await scriptedWorld(t, [nothing, reply("list_agents"), done]);
  const { code, stdout } = await world.run(["-y"], { input: "y\ny\ny\n" });
  assert.equal(code, 0);
  assert.deepEqual(await steps(world, "command-asked"), [1, 2, 3]);
  assert.equal(stdout.split("Input:").length - 1, 3);
});

test("pitfall 26: y -3 runs exactly three commands that start, failing ones included; replies that cannot run count for nothing", async (t) => {
  const world = await scriptedWorld(t, [
    reply("write_to_file", { file: "a.txt", text: "a" }),
    reply("read_file", { file: "missing.txt" }),
    "I am sorry, I cannot do that.",
    reply("fly_to_the_moon"),
    reply("read_file"),
    reply("append_to_file", { file: "a.txt", text: "b" }),
    reply("delete_file", { file: "a.txt" }),
  ]);
  const { code } = await world.run(["-y"], { input: "y -3\nn\n" });
  assert.equal(code, 4);
  assert.deepEqual(await steps(world, "command-start"), [1, 2, 6]);
  assert.deepEqual(await steps(world, "command-asked"), [1, 7]);
  assert.equal(await world.file("a.txt"), "ab");
});

test("Y -2 with spaces counts from the command that it answers, and a later y -2 counts anew", async (t) => {
  const world = await scriptedWorld(t, () => nothing);
  const { code } = await world.run(["-y"], { input: "y\n  Y -2 \ny -2\nn\n" });
  assert.equal(code, 4);
  assert.deepEqual(await steps(world, "command-asked"), [1, 2, 4, 6]);
  assert.deepEqual(await steps(world, "command-start"), [1, 2, 3, 4, 5]);
});

test("pitfall 26: blank and malformed y are said on standard error and asked again; nothing runs meanwhile", async (t) => {
  const malformed = ["", "   ", "y -0", "y 5", "y -", "y -5x", "y - 5", "y -1.5", "y --3"];
  const world = await scriptedWorld(t, [done]);
  const { code, stdout, stderr } = await world.run(["-y"], { input: `${malformed.join("\n")}\nn\n` });
  assert.equal(code, 4);
  assert.equal(stderr.split("Enter 'y', 'y -N', 'n', or feedback.").length - 1, malformed.length);
  assert.equal(stdout.split("Input:").length - 1, malformed.length + 1);
  assert.deepEqual(await steps(world, "command-start"), []);
});

test("pitfall 24: feedback does not run the command, reaches the model, and that turn ends with the first trigger", async (t) => {
  const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt", text: "a" }), nothing, done]);
  const { code } = await world.run(["-y"], { input: "  Use b.txt instead, please \ny\ny\n" });
  assert.equal(code, 0);
  await assert.rejects(world.file("a.txt"), { code: "ENOENT" });
  assert.equal(newestResult(world.messages(1)), "Human feedback: Use b.txt instead, please");
  assert.equal(world.messages(1).at(-3)?.role, "assistant");
  assert.ok(world.messages(1).at(-1)?.content.endsWith(firstTrigger));
  assert.ok(world.messages(2).at(-1)?.content.endsWith("GENERATE NEXT COMMAND JSON"));
  assert.deepEqual(await steps(world, "command-start"), [2, 3]);
});

test("a key that the user types as feedback reaches neither the model nor the journal", async (t) => {
  const key = "sk-secret-value-123456";
  const world = await scriptedWorld(t, [nothing, done], { env: { OPENAI_API_KEY: key } });
  await world.run(["-y"], { input: `use ${key}\ny\n` });
  assert.equal(newestResult(world.messages(1)), "Human feedback: use [secret]");
  assert.doesNotMatch(JSON.stringify(await world.journal()), new RegExp(key));
});

test("words that only begin with y or n are feedback; yes and no are answers, ? is told the keys, and none of them is sent", async (t) => {
  const world = await scriptedWorld(t, () => nothing);
  const words = ["you first", "not this", "s"];
  const { stderr } = await world.run(["-y"], { input: `${words.join("\n")}\n?\nyes\n/help\nno\ny\n` });
  assert.deepEqual(await steps(world, "command-start"), [4]);
  const told = eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
  assert.deepEqual(
    told.slice(0, 3),
    words.map((word) => `Human feedback: ${word}`),
  );
  assert.equal(told.length, 4);
  assert.equal(world.server.chatRequests().length, 5);
  assert.equal(stderr.split("run it and the next N-1 commands").length - 1, 2);
});

test("a adds a rule after it was shown, e asks again with other arguments; both through a pipe as well", async (t) => {
  const write = (file: string) => reply("write_to_file", { file, text: "x" });
  const script = [write("a.txt"), write("notes/b.txt"), write("notes/c.txt"), write("d.txt"), done];
  const more = "# my rules\napprove:\n  write_to_file: ask # of all others\n";
  const world = await scriptedWorld(t, script, { ai: { more } });
  const edited = '{"file": "b.txt", "text": "y"}';
  const { code, stdout, stderr } = await world.run(["-y"], {
    input: `e\nnonsense\ne\n${edited}\ny\na\nnotes/*\nn\n`,
  });
  assert.equal(code, 4);
  assert.equal(await world.file("b.txt"), "y");
  await assert.rejects(world.file("a.txt"), { code: "ENOENT" });
  assert.match(stderr, /Arguments are written as/);
  assert.match(stdout, /\{"file":"b\.txt","text":"y"\}/);
  assert.match(
    newestResult(world.messages(1)),
    /The user changed the arguments before it ran\. file: "b\.txt"; text: "y"/,
  );
  assert.match(stdout, /From now on without asking:.*write_to_file: \{ "notes\/b\.txt": always \}/s);
  assert.deepEqual(await steps(world, "command-asked"), [1, 1, 2, 4]);
  assert.deepEqual(await steps(world, "command-start"), [1, 2, 3]);
  const file = await readFile(join(world.folder, "ai_settings.yaml"), "utf8");
  assert.ok(
    file.endsWith('# my rules\napprove:\n  write_to_file:\n    "notes/*": always\n    "*": ask # of all others\n'),
    file,
  );
  const resumed = await world.run(["--resume"], { input: "y\ny\n" });
  assert.equal(resumed.code, 0);
});

test("a rule that a adds takes * and ? of the call for themselves", async (t) => {
  const write = (file: string) => reply("write_to_file", { file, text: "x" });
  const script = [write("all*.md"), write("all*.md"), write("all-of-it.md")];
  const world = await scriptedWorld(t, script, { ai: { more: "approve:\n  do_nothing: always\n" } });
  const { stdout } = await world.run(["-y"], { input: "a\ny\nn\n" });
  assert.match(stdout, /write_to_file: \{ "all\[\*\]\.md": always \}/);
  assert.match(await readFile(join(world.folder, "ai_settings.yaml"), "utf8"), /"all\[\*\]\.md": always/);
  assert.deepEqual(await steps(world, "command-start"), [1, 2]);
});

test("a command that is refused or unknown is shown with the reason", async (t) => {
  const script = [reply("delete_file", { file: "a.txt" }), reply("fly_to_moon"), done];
  const world = await scriptedWorld(t, script, { ai: { more: "approve:\n  deletes: never\n" } });
  const { stdout } = await world.run(["-y"], { input: "y\n" });
  assert.match(
    stdout,
    /NEXT ACTION: COMMAND = delete_file {2}ARGUMENTS = .* \(refused: the user's rules do not allow this\.\)/,
  );
  assert.match(stdout, /NEXT ACTION: COMMAND = fly_to_moon {2}ARGUMENTS = \{\} {2}\(cannot be run: Unknown command/);
});

test("where nobody can ever answer, nothing is begun: exit 2 before the first request", async (t) => {
  const world = await scriptedWorld(t, [nothing, done]);
  const empty = join(world.folder, "empty");
  await writeFile(empty, "");
  for (const input of ["/dev/null", empty]) {
    const stdin = openSync(input, "r");
    const { code, stderr } = await world.start(["-y"], { stdin }).ended;
    closeSync(stdin);
    assert.equal(code, 2);
    assert.match(stderr, /no terminal to ask on.*use -c.*or rules/s);
  }
  assert.equal(world.server.requests.length, 0);
  const stdin = openSync("/dev/null", "r");
  assert.equal((await world.start(["-c"], { stdin }).ended).code, 0);
  closeSync(stdin);
});

for (const [name, input] of [
  ["n", "n\n"],
  ["pitfall 86: n with a space", "n \n"],
  ["N", "N\n"],
  ["n without a line end", "n"],
  ["pitfall 86: the end of input", ""],
] as const) {
  test(`${name} ends the run as user-stopped, exit 4, and says how to go on`, async (t) => {
    const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt", text: "a" })]);
    const { code, stderr } = await world.run(["-y"], { input });
    assert.equal(code, 4);
    assert.match(stderr, /--resume/);
    assert.doesNotMatch(stderr, /\n\s+at /);
    const end = await ending(world);
    assert.deepEqual([end?.reason, end?.exitCode], ["user-stopped", 4]);
    await assert.rejects(world.file("a.txt"), { code: "ENOENT" });
  });
}

test("nobody is asked about a command that cannot run", async (t) => {
  const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt" }), reply("nonsense"), "prose", done]);
  const { code, stdout } = await world.run(["-y"], { input: "y\n" });
  assert.equal(code, 0);
  assert.deepEqual(await steps(world, "command-asked"), [4]);
  assert.equal(stdout.split("Input:").length - 1, 1);
});

test("pitfall 25: the question and the thoughts show the AI's name", async (t) => {
  const world = await scriptedWorld(t, [reply("do_nothing", {}, { text: "Resting." })], { ai: { name: "Marvin" } });
  const { stdout } = await world.run(["-y"], { input: "n\n" });
  assert.match(stdout, /MARVIN THOUGHTS: Resting\./);
  assert.match(stdout, /enter feedback for Marvin\.\.\./);
});

test("what is shown is what runs: names and arguments after synonyms and renames", async (t) => {
  const world = await scriptedWorld(t, [reply(" Write_File ", { filename: "a.txt", text: 5 }), done]);
  const { stdout } = await world.run(["-y"], { input: "y -2\n" });
  assert.match(stdout, /NEXT ACTION: COMMAND = write_to_file {2}ARGUMENTS = \{"file":"a\.txt","text":"5"\}/);
  assert.equal(await world.file("a.txt"), "5");
  const [parsed] = eventsOfType(await world.journal(), "reply-parsed");
  assert.deepEqual(parsed?.command, { name: " Write_File ", args: { filename: "a.txt", text: 5 } });
});

test("with a json format the question is put on standard error and answered all the same", async (t) => {
  const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt", text: "x" }), done]);
  const { code, stdout, stderr } = await world.run(["--output-format", "json"], { input: "y -2\n" });
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as RunEnd).reason, "task-complete");
  assert.match(stderr, /NEXT ACTION: COMMAND = write_to_file.*Input:/s);
});

test("in continuous mode nobody is asked and standard input is not read", async (t) => {
  const world = await scriptedWorld(t, [nothing, done]);
  const { code, stdout, stderr } = await world.run(["-y", "--continuous"], { input: "n\n" });
  assert.equal(code, 0);
  assert.deepEqual(await steps(world, "command-asked"), []);
  assert.doesNotMatch(stdout, /Input:/);
  assert.match(stdout, /NEXT ACTION: COMMAND = do_nothing/);
  assert.match(stderr, /WARNING: Continuous mode/);
});
