import assert from "node:assert/strict";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { long, repository, temporaryFolder } from "../../support/program.js";
import { contentsOf } from "../support/folder-contents.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";
import { recordedRuns } from "./recorded-runs.js";

type Found = {
  identical: boolean;
  requests: number;
  same: number;
  sessions: number;
  notAsThen: string[];
  difference?: { step: number; place: string };
};

/** Replays the last run in this process, in which no socket can be opened. */
async function replayed(
  t: TestContext,
  world: World,
  args: readonly string[] = [],
): Promise<{ code: number | null; found: Found }> {
  const connects = t.mock.method(Socket.prototype, "connect", () => {
    throw new Error("A replay opened a connection.");
  });
  try {
    const { code, stdout, stderr } = await world.run(["replay", "last", "--json", ...args]);
    assert.equal(connects.mock.callCount(), 0, "a connection was opened");
    assert.notEqual(stdout, "", stderr);
    return { code, found: JSON.parse(stdout) as Found };
  } finally {
    connects.mock.restore();
  }
}

for (const { name, record } of long ? recordedRuns : recordedRuns.slice(0, 5))
  test(`a replay makes the same requests, with no network and no change outside its copy: ${name}`, async (t) => {
    const world = await record(t);
    const before = contentsOf(world.folder);
    const { code, found } = await replayed(t, world);
    assert.equal(code, 0, JSON.stringify(found));
    assert.equal(found.identical, true);
    assert.ok(found.requests > 0);
    assert.deepEqual([found.same, found.notAsThen], [found.requests, []]);
    assert.deepEqual(contentsOf(world.folder), before);
  });

/** Another build of the program, in which one text is another. */
async function changedBuild(t: TestContext, from: string, to: string): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "dist"));
  for (const name of ["bin", "package.json"]) await cp(join(repository, name), join(folder, name), { recursive: true });
  await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
  const bundle = await readFile(join(repository, "dist", "cli.cjs"), "utf8");
  assert.ok(bundle.includes(from), from);
  await writeFile(join(folder, "dist", "cli.cjs"), bundle.replaceAll(from, to));
  return join(folder, "bin", "autogpt.js");
}

test("a build that changes one word of the prompt is shown at the first step that it reaches, with exit code 8", async (t) => {
  const script = ["a", "b", "c"].map((name) => reply("write_to_file", { file: `${name}.txt`, text: name }));
  const world = await scriptedWorld(t, script);
  assert.equal((await world.run(["-c", "-l", "3"])).code, 5);
  const program = await changedBuild(t, "This is your last step.", "This is your final\\x1B step.");
  const { code, stdout } = await world.run(["replay"], { program });
  assert.equal(code, 8, stdout);
  assert.match(stdout, /The first difference is in step 3, in the request to \/chat\/completions:/);
  assert.match(
    stdout,
    /at messages\[\d+\]\S*, line \d+, character \d+\n {2}- .*your last step.*\n {2}\+ .*your final\\u001b step/,
  );
  assert.match(stdout, /2 requests before it were the same/);
});

test("--until replays no further than a step, and what has no record says so", async (t) => {
  const script = [reply("list_files", { directory: "." }), reply("task_complete", { reason: "r" })];
  const world = await scriptedWorld(t, [...script, ...script]);
  assert.equal((await world.run(["-c"])).code, 0);
  const { found } = await replayed(t, world, ["--until", "1"]);
  assert.deepEqual([found.identical, found.same], [true, 1]);
  await writeFile(join(world.folder, "workspace", "new.txt"), "of the user");
  const other = await replayed(t, world);
  assert.deepEqual(
    [other.code, other.found.difference?.step],
    [8, 2],
    "what is read of the workspace is another thing now",
  );

  assert.equal((await world.run(["-c"], { env: { CASSETTE: "off" } })).code, 0);
  const none = await world.run(["replay"]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /has no record .* CASSETTE was off/);
});
