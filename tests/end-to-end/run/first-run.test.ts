import assert from "node:assert/strict";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, runProgram, temporaryFolder, writeAi } from "../../support/program.js";
import { scriptedWorld } from "../support/scripted-world.js";

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
const done = reply("task_complete", { reason: "Done." });

test("name, role and three goals typed in, then y -5: the file is written and the settings are saved", async (t) => {
  const world = await scriptedWorld(
    t,
    [
      reply("write_to_file", { file: "hello_world.txt", text: "Hello World" }, { text: "I say hello." }),
      reply("read_file", { file: "hello_world.txt" }),
      done,
    ],
    { ai: null },
  );
  const typed = [
    "HelloBot",
    "an AI that says hello",
    "Write hello_world.txt",
    "Read it again",
    "Shut down",
    "",
    "y -5",
    "",
  ];
  const { code, stdout } = await world.run([], { input: typed.join("\n") });

  assert.equal(code, 0);
  assert.equal(await world.file("hello_world.txt"), "Hello World");
  const saved = await readFile(join(world.folder, "ai_settings.yaml"), "utf8");
  for (const text of typed.slice(0, 5)) assert.ok(saved.includes(text), `${text} in ${saved}`);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual([start?.aiName, start?.aiRole, start?.goals], [typed[0], typed[1], typed.slice(2, 5)]);
  assert.equal(eventsOfType(await world.journal(), "command-asked").length, 1);
  assert.match(stdout, /HELLOBOT THOUGHTS: I say hello\./);
  assert.match(stdout, /The task is complete\. 3 steps/);
});

test("after the fifth goal the next line answers the first question", async (t) => {
  const world = await scriptedWorld(t, [done], { ai: null });
  const { code } = await world.run([], { input: "A\nB\n1\n2\n3\n4\n5\ny\n" });
  assert.equal(code, 0);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual(start?.goals, ["1", "2", "3", "4", "5"]);
});

test("pitfall 85: empty answers take the whole defaults", async (t) => {
  const world = await scriptedWorld(t, [done], { ai: null });
  const { code } = await world.run([], { input: "\n\n\ny\n" });
  assert.equal(code, 0);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.ok(start && start.aiName !== "" && start.goals.length > 0);
  assert.doesNotMatch(start.aiRole, /(with the|the|with)$/);
});

test("input that ends in the dialogue saves nothing, exit 2", async (t) => {
  const world = await scriptedWorld(t, [done], { ai: null });
  const { code, stderr } = await world.run([], { input: "OnlyAName\n" });
  assert.equal(code, 2);
  assert.match(stderr, /nothing was saved/);
  assert.equal(await exists(join(world.folder, "ai_settings.yaml")), false);
  assert.equal(world.server.requests.length, 0);
});

for (const args of [["--output-format", "json"], ["--output-format", "stream-json"], ["-y"]]) {
  test(`without settings, ${args.join(" ")} asks nothing and ends with exit 2`, async (t) => {
    const world = await scriptedWorld(t, [done], { ai: null });
    const { code, stdout, stderr } = await world.run(args, { input: "A\nB\nC\n\ny\n" });
    assert.equal(code, 2);
    assert.match(stderr, /ai_settings\.yaml does not exist.*--ai-goal/s);
    if (args.length > 1) assert.equal((JSON.parse(stdout) as { reason: string }).reason, "settings");
    else assert.equal(stdout, "");
    assert.equal(world.server.requests.length, 0);
  });
}

test("saved settings are shown and gone on with after y; only who has run before is welcomed back", async (t) => {
  const ai = { name: "Elder", role: "an old friend", goals: ["Stay: here"] };
  const world = await scriptedWorld(t, [done, done], { ai });
  const { code, stdout } = await world.run([], { input: "y\ny\n" });
  assert.equal(code, 0);
  assert.match(stdout, /^Welcome to Auto-GPT! Shall I begin as Elder\?/);
  assert.match(stdout, /Elder.*an old friend.*Stay: here.*Begin\?/s);
  const again = await world.run([], { input: "y\ny\n" });
  assert.match(again.stdout, /^Welcome back! Shall I go on as Elder\?/);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual(start?.goals, ["Stay: here"]);
});

test("n at the welcome begins the dialogue anew and replaces the saved settings", async (t) => {
  const world = await scriptedWorld(t, [done], { ai: { name: "Elder" } });
  const { code } = await world.run([], { input: " N \nYounger\nnew\nBegin\n\ny\n" });
  assert.equal(code, 0);
  const saved = await readFile(join(world.folder, "ai_settings.yaml"), "utf8");
  assert.match(saved, /Younger/);
  assert.doesNotMatch(saved, /Elder/);
});

test("-y goes on with the saved settings without asking", async (t) => {
  const world = await scriptedWorld(t, [done], { ai: { name: "Elder" } });
  const { code, stdout } = await world.run(["-y"], { input: "y\n" });
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /Welcome/);
});

test("-C takes another file and asks nothing about it", async (t) => {
  const world = await scriptedWorld(t, [done]);
  const other = join(world.folder, "other.yaml");
  await writeFile(other, "\uFEFFai_name: Other\r\nai_role: x\r\nai_goals:\r\n  - Find: something\r\n");
  const { code, stdout } = await world.run(["-C", "other.yaml"], { input: "y\n" });
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /Welcome/);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual([start?.aiName, start?.goals], ["Other", ["Find: something"]]);
});

test("--ai-name, --ai-role and --ai-goal need no file and write none", async (t) => {
  const world = await scriptedWorld(t, [done], { ai: null });
  const flags = ["--ai-name", "Flagged", "--ai-role", "r", "--ai-goal", "one", "--ai-goal", "two"];
  const { code } = await world.run(flags, { input: "y\n" });
  assert.equal(code, 0);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual([start?.aiName, start?.goals], ["Flagged", ["one", "two"]]);
  assert.equal(await exists(join(world.folder, "ai_settings.yaml")), false);
});

for (const key of [undefined, "", "your-openai-api-key"]) {
  test(`pitfall 80: with ${key === undefined ? "no key" : JSON.stringify(key)} the message says where to get one, exit 2`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeAi(folder);
    const env: Record<string, string> = key === undefined ? {} : { OPENAI_API_KEY: key };
    const { code, stdout, stderr } = await runProgram({ cwd: folder, args: ["-y"], env });
    assert.equal(code, 2);
    assert.match(stderr, /OPENAI_API_KEY is not set.* init".*https:\/\/.*local server.*\.env/s);
    assert.equal(stdout, "");
    assert.equal(await exists(join(folder, ".autogpt")), false);
  });
}

test("pitfall 84: an empty or broken settings file is named, exit 2", async (t) => {
  for (const text of ["", "ai_name: [", "- a\n- b\n"]) {
    const world = await scriptedWorld(t, [done], { ai: null });
    await writeFile(join(world.folder, "ai_settings.yaml"), text);
    const { code, stderr } = await world.run(["-y"]);
    assert.equal(code, 2, text);
    assert.match(stderr, /ai_settings\.yaml/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});
