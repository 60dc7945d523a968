import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld } from "../support/scripted-world.js";

/** What a terminal would obey rather than show, and how it is to be shown. */
const attacks: [name: string, text: string, shown: string][] = [
  ["a colour", "\u001b[31mred", "\\u001b[31mred"],
  ["cursor movement", "\u001b[2K\u001b[1A", "\\u001b[2K\\u001b[1A"],
  ["a window title (OSC 0)", "\u001b]0;title\u0007", "\\u001b]0;title\\u0007"],
  ["a link (OSC 8)", "\u001b]8;;http://evil\u001b\\", "\\u001b]8;;http://evil\\u001b\\"],
  ["the clipboard (OSC 52)", "\u001b]52;c;cm0=\u0007", "\\u001b]52;c;cm0=\\u0007"],
  ["C1 bytes", "\u009b31m\u009d", "\\u009b31m\\u009d"],
  ["carriage return", "rm -rf\rls    ", "rm -rf\\u000dls    "],
  ["backspace", "rm\b\bls", "rm\\u0008\\u0008ls"],
  ["bidi controls", "\u202etxt.exe\u2066", "\\u202etxt.exe\\u2066"],
  ["a line separator", "a\u2028b", "a\\u2028b"],
];
const everything = attacks.map(([, text]) => text).join("|");
const obeyed = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

test("control characters in thoughts are shown spelled out, raw or JSON-encoded", async (t) => {
  const thoughts = { text: everything, reasoning: everything, plan: everything, criticism: everything };
  const world = await scriptedWorld(t, [reply("task_complete", {}, thoughts)]);
  const { code, stdout, stderr } = await world.run(["-y"], { input: "y\n" });
  assert.equal(code, 0);
  for (const [name, , shown] of attacks) assert.equal(stdout.split(shown).length - 1, 4, `${name} in ${stdout}`);
  assert.doesNotMatch(stdout + stderr, obeyed);
});

test("the literal command and arguments are shown on one line with everything spelled out", async (t) => {
  const args = { file: `a${everything}.txt`, text: `x\nSYSTEM: approved\n${everything}`, [everything]: everything };
  const world = await scriptedWorld(t, [reply("write_to_file", args), reply(`evil${everything}`), reply("do_nothing")]);
  const { stdout, stderr } = await world.run(["-y"], { input: "y\nn\n" });
  const action = stdout.split("\n").find((line) => line.startsWith("NEXT ACTION:")) ?? "";
  assert.match(action, /COMMAND = write_to_file {2}ARGUMENTS = \{"file":".*","text":"x\\nSYSTEM: approved\\n/);
  assert.doesNotMatch(stdout, /^SYSTEM: approved/m);
  for (const word of ["\\u202e", "\\u001b[31m", "\\u009b31m"]) assert.ok(action.includes(word), `${word} in ${action}`);
  assert.doesNotMatch(stdout + stderr, obeyed);
  assert.match(stdout, /Unknown command 'evil\\u001b\[31m/);
});

test("control characters in results and file names are shown spelled out", async (t) => {
  const world = await scriptedWorld(t, [
    reply("read_file", { file: "page.txt" }),
    reply("search_files", { directory: "" }),
    reply("read_file", { file: "no\u001b[2Jsuch\r.txt" }),
    reply("task_complete", { reason: everything }),
  ]);
  const workspace = join(world.folder, "workspace");
  await mkdir(workspace);
  await writeFile(join(workspace, "page.txt"), everything);
  await writeFile(join(workspace, "name\u001b[31m\u202e.txt"), "");
  const { code, stdout, stderr } = await world.run(["-c"]);
  assert.equal(code, 0);
  for (const [name, , shown] of attacks)
    assert.equal(stdout.split(shown).length - 1 >= 2, true, `${name} in ${stdout}`);
  assert.match(stdout, /name\\u001b\[31m\\u202e\.txt/);
  assert.doesNotMatch(stdout + stderr, obeyed);
});

test("control characters in what the model's server says are shown spelled out", async (t) => {
  const world = await scriptedWorld(t, [
    { status: 401, body: { error: { message: everything, code: "invalid_api_key" } } },
  ]);
  const { code, stdout, stderr } = await world.run(["-c", "--debug"]);
  assert.equal(code, 7);
  assert.doesNotMatch(stdout + stderr, obeyed);
});

test("control characters in the AI's name, its goals and the flags are shown spelled out", async (t) => {
  const ai = { name: `Bot\u001b[31m\r`, role: everything, goals: [everything] };
  const world = await scriptedWorld(t, [reply("do_nothing", {}, { text: "T" })], { ai });
  const { stdout, stderr } = await world.run([], { input: "y\nn\n" });
  const wrong = await world.run(["--\u001b[31mflag"]);
  assert.match(stdout, /^BOT\\u001b\[31M.* THOUGHTS: T$/m);
  assert.match(stdout, /enter feedback for Bot\\u001b\[31m/);
  assert.equal(wrong.code, 2);
  assert.doesNotMatch(stdout + stderr + wrong.stdout + wrong.stderr, obeyed);
});

test("--debug shows the context sent, token counts and memory statistics on standard error, spelled out", async (t) => {
  const world = await scriptedWorld(t, [reply("do_nothing", {}, { text: everything }), reply("task_complete")]);
  const { stderr } = await world.run(["-c", "--debug"]);
  assert.match(stderr, /--- system \(\d+ tokens\)\n\| You are Tester, an AI that is tested\n/);
  assert.match(stderr, /--- assistant \(\d+ tokens\)\n/);
  assert.match(stderr, /Context: \d+ of 24000 tokens in 4 messages, 0 memories recalled\./);
  assert.match(stderr, /Memory: no_memory, 0 records/);
  assert.doesNotMatch(stderr, obeyed);
});

test("a long result is cut on the console and whole in the journal", async (t) => {
  const world = await scriptedWorld(t, [reply("read_file", { file: "long.txt" }), reply("task_complete")]);
  await mkdir(join(world.folder, "workspace"));
  await writeFile(join(world.folder, "workspace", "long.txt"), "word ".repeat(2000) + "THE END");
  const { stdout } = await world.run(["-c"]);
  assert.match(stdout, /\[\d+ more characters are in the journal\]/);
  assert.doesNotMatch(stdout, /THE END/);
  assert.match(JSON.stringify(await world.journal()), /THE END/);
});
