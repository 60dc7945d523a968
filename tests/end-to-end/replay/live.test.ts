import assert from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const write = (file: string, text: string): string => reply("write_to_file", { file, text });
const done = reply("task_complete", { reason: "Done." });
const recorded = [write("a.txt", "one"), write("b.txt", "two"), done];

async function completed(t: TestContext, live: readonly string[]): Promise<World> {
  const world = await scriptedWorld(t, [...recorded, ...live]);
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  return world;
}

const copyOf = async ({ folder }: World): Promise<string> =>
  join(folder, (await readdir(folder)).find((name) => name.startsWith("workspace-")) ?? "");

test("replay --model live goes on behind a step with the real model, in a copy that stays", async (t) => {
  const world = await completed(t, [reply("read_file", { file: "a.txt" }), write("c.txt", "three"), done]);
  const { code, stdout, stderr } = await world.run(["replay", "last", "--until", "1", "--model", "live"]);
  assert.equal(code, 0, stderr);
  const copy = await copyOf(world);
  assert.match(stdout, /1 of 3 requests made, each the same byte for byte\. It was run again up to step 1\./);
  assert.ok(stdout.includes(`in a copy of the workspace: ${copy}`), stdout);
  assert.deepEqual((await readdir(copy)).sort(), ["a.txt", "c.txt"]);
  assert.deepEqual((await readdir(join(world.folder, "workspace"))).sort(), ["a.txt", "b.txt"]);

  const journal = await world.journal();
  const [start] = eventsOfType(journal, "run-start");
  assert.deepEqual([start?.forkedFrom?.step, start?.workspace], [1, copy]);
  // What the model is told of step 1 names the copy, as the workspace does that it works in.
  assert.ok(!JSON.stringify(world.messages(3)).includes(`${world.folder}/workspace/`));
  assert.equal(world.server.chatRequests().length, 6);
  const compared = await world.run(["compare", start?.forkedFrom?.run ?? "", start?.run ?? "", "--json"]);
  assert.equal((JSON.parse(compared.stdout) as { parting: { step: number } }).parting.step, 2);
  const again = await world.run(["replay", "last", "--json"]);
  assert.deepEqual((JSON.parse(again.stdout) as { identical: boolean }).identical, true, again.stdout);
});

test("the run that goes on asks before each command, keeps to a limit, and can be resumed", async (t) => {
  const world = await scriptedWorld(t, [...recorded, write("c.txt", "three"), write("d.txt", "four"), done]);
  assert.equal((await world.run([], { input: "y\ny\ny\ny\n" })).code, 0);
  const args = ["replay", "last", "--until", "2", "--model", "live"];
  const limited = await world.run([...args, "--max-tokens", "10"], { input: "y\n" });
  assert.equal(limited.code, 5, limited.stderr);
  const denied = await world.run(args, { input: "n\n" });
  assert.equal(denied.code, 4, denied.stderr);
  assert.equal(eventsOfType(await world.journal(), "command-start").at(-1)?.step, 2);
  const resumed = await world.run(["--resume", "-c"]);
  assert.equal(resumed.code, 0, resumed.stderr);
});

test("what cannot go on says why, and makes nothing", async (t) => {
  const world = await completed(t, []);
  const before = await readdir(world.folder);
  const refused = async (args: readonly string[], expected: RegExp, env = {}): Promise<void> => {
    const { code, stdout, stderr } = await world.run(["replay", "last", "--model", "live", ...args], { env });
    assert.deepEqual(
      [code, expected.test(stdout + stderr)],
      [/difference/.test(expected.source) ? 8 : 2, true],
      stderr,
    );
  };
  await refused(["-w", "elsewhere"], /leave -w out/);
  await refused(["--until", "7"], /has 3 steps on record, so there is no step 7/);
  await refused([], /OPENAI_API_KEY is not set/, { OPENAI_API_BASE_URL: "" });
  const bundled = await world.run(["replay", "some.zip", "--model", "live"]);
  assert.match(bundled.stderr, /A bundle is the run of somebody else/);
  const other = await world.run(["replay", "last", "--model", "gpt-6.2"]);
  assert.deepEqual([other.code, /live/.test(other.stderr)], [2, true], other.stderr);
  // Another build, or a prompt that was changed, is shown and not gone on with.
  const cassette = join(
    world.folder,
    ".autogpt",
    "runs",
    (await readdir(join(world.folder, ".autogpt", "runs")))[0] ?? "",
    "cassette.jsonl",
  );
  const text = await readFile(cassette, "utf8");
  await writeFile(
    cassette,
    text.replaceAll(/,"sum":"?[\w-]+"?/g, "").replaceAll("Determine which next command", "Determine what next command"),
  );
  await refused([], /The first difference is in step 1/);
  assert.deepEqual(await readdir(world.folder), before);
});

test("--until says the state that the run was in", async (t) => {
  const world = await completed(t, []);
  const { stdout } = await world.run(["replay", "last", "--until", "2"]);
  assert.match(
    stdout,
    /The state after step 2:\n +1 +write_to_file a\.txt: ok\n +2 +write_to_file b\.txt: ok\n +created +a\.txt\n +created +b\.txt/,
  );
  const { state } = JSON.parse((await world.run(["replay", "last", "--until", "2", "--json"])).stdout) as {
    state: { step: number; outcome: string; files: { created: string[] } };
  };
  assert.deepEqual([state.step, state.outcome, state.files.created], [2, "ran", ["a.txt", "b.txt"]]);
});

test("what goes on from a run in the user's own folder works beside it, without the program's files", async (t) => {
  const world = await scriptedWorld(t, [...recorded, reply("list_files", { directory: "." }), done]);
  await writeFile(join(world.folder, ".env"), "SOME_NUMBER=1\n");
  assert.equal((await world.run(["-c", "-y", "-w", "."])).code, 0);
  const before = (await readdir(world.folder)).sort();
  const { code, stderr } = await world.run(["replay", "last", "--until", "1", "--model", "live"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual((await readdir(world.folder)).sort(), before);
  const [start] = eventsOfType(await world.journal(), "run-start");
  const copy = start?.workspace ?? "";
  t.after(() => rm(copy, { recursive: true, force: true }));
  assert.equal(copy, `${world.folder}-${start?.run}`);
  assert.deepEqual((await readdir(copy)).sort(), [".env", ".local", "a.txt"]);
});
