import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { bin, long, repository, startProgram, temporaryFolder, type Ended } from "../../support/program.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { statesOf } from "../support/folder-contents.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";
import { recordedKinds } from "./recorded-kinds.js";
import { recordedRuns } from "./recorded-runs.js";

type Found = {
  run: string;
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

for (const { name, record, notAsThen = [] } of [...recordedKinds, ...(long ? recordedRuns : recordedRuns.slice(0, 5))])
  test(`a replay makes the same requests, with no network and no change outside its copy: ${name}`, async (t) => {
    const world = await record(t);
    if (world === null) return;
    const before = statesOf(world.folder);
    const { code, found } = await replayed(t, world);
    assert.equal(code, 0, JSON.stringify(found));
    assert.equal(found.identical, true);
    assert.ok(found.requests > 0);
    assert.deepEqual([found.same, found.notAsThen], [found.requests, notAsThen]);
    assert.deepEqual(statesOf(world.folder), before);
  });

/** What a program may do in a sandbox of the system: no network at all, and nothing may be written but in the folder `open`. */
const confined = (open: string, folder: string): string[] => [
  ...["--unshare-net", "--die-with-parent", "--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev"],
  ...["--ro-bind", folder, folder, "--bind", open, open, "--proc", "/proc", "--setenv", "TMPDIR", open],
];

const inSandbox = async (t: TestContext, { folder }: World, argv: readonly string[]): Promise<Ended> => {
  const [first = "", ...rest] = confined(await temporaryFolder(t), folder);
  const options = { cwd: folder, node: "bwrap", program: first, args: [...rest, process.execPath, ...argv] };
  return startProgram(options).ended;
};

for (const { name, record, notAsThen = [] } of long ? [...recordedKinds, ...recordedRuns] : recordedKinds.slice(0, 1))
  test(`the built program replays where the system refuses all network and all writing: ${name}`, async (t) => {
    if (!(await needsPrograms(t, bubblewrap))) return;
    const world = await record(t);
    if (world === null) return;
    const before = statesOf(world.folder);
    const { code, stdout, stderr } = await inSandbox(t, world, [bin, "replay", "last", "--json"]);
    assert.equal(code, 0, stdout + stderr);
    const found = JSON.parse(stdout) as Found;
    assert.deepEqual([found.identical, found.same, found.notAsThen], [true, found.requests, notAsThen]);
    assert.deepEqual(statesOf(world.folder), before);
  });

test("the sandbox of these tests refuses a connection and a file", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const world = await scriptedWorld(t, []);
  const { port } = new URL(world.server.url);
  const connect = `require("net").connect(${port}, "127.0.0.1").on("error", ({ code }) => console.log(code));`;
  const write = `try { require("fs").writeFileSync("x", ""); } catch ({ code }) { console.log(code); }`;
  const { stdout } = await inSandbox(t, world, ["-e", connect + write]);
  assert.deepEqual(stdout.trim().split("\n").sort(), ["ECONNREFUSED", "EROFS"].sort());
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

test("what later runs changed in the same workspace is taken back in the copy", async (t) => {
  const done = reply("task_complete", { reason: "r" });
  const write = (file: string, text: string): string => reply("write_to_file", { file, text });
  const list = reply("list_files", { directory: "." });
  const read = reply("read_file", { file: "a.txt" });
  const world = await scriptedWorld(t, [
    ...[write("a.txt", "one"), list, read, done],
    ...[write("b/new.txt", "two"), write("a.txt", "another"), done],
    ...[write("a.txt", "a third"), done],
  ]);
  const workspace = join(world.folder, "workspace");
  const runs = [];
  for (let run = 0; run < 3; run += 1) {
    assert.equal((await world.run(["-c"])).code, 0);
    runs.push(await lastRunIn(world));
  }
  const before = statesOf(world.folder);
  for (const run of runs) {
    const { code, stdout } = await world.run(["replay", run, "--json"]);
    const { identical, notAsThen } = JSON.parse(stdout) as Found;
    assert.deepEqual([code, identical, notAsThen], [0, true, []], stdout);
  }
  assert.deepEqual(statesOf(world.folder), before);

  await writeFile(join(workspace, "b", "new.txt"), "of the user");
  const { stdout } = await world.run(["replay", runs[0] ?? "", "--json"]);
  const { identical, notAsThen } = JSON.parse(stdout) as Found;
  assert.deepEqual([identical, notAsThen.sort()], [false, ["b", "b/new.txt"]], "what is left of a later run is named");
});

const lastRunIn = async ({ folder }: World): Promise<string> =>
  (await readdir(join(folder, ".autogpt", "runs"))).sort().at(-1) ?? "";

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

  const file = join(world.folder, ".autogpt", "runs", found.run, "cassette.jsonl");
  await writeFile(file, (await readFile(file, "utf8")).replace("list_files", "list_filez"));
  const damaged = await world.run(["replay", found.run]);
  assert.equal(damaged.code, 2);
  assert.match(damaged.stderr, /is damaged, so it cannot be run again: \S+cassette\.jsonl, line \d+, does not fit its/);
  assert.match(damaged.stderr, /runs show \S+" shows what its journal has/);
});

test("a replay leaves the program's own folder as it is where that is a link in the workspace", async (t) => {
  const world = await scriptedWorld(t, [
    reply("write_to_file", { file: "a.txt", text: "one" }),
    reply("task_complete", { reason: "Done." }),
  ]);
  const own = await temporaryFolder(t);
  await symlink(own, join(world.folder, ".autogpt"));
  const { code, stderr } = await world.run(["-c", "-w", "."]);
  assert.equal(code, 0, stderr);
  const before = statesOf(own);
  const { found } = await replayed(t, world);
  assert.deepEqual([found.identical, found.same, found.notAsThen], [true, 2, []]);
  assert.deepEqual(statesOf(own), before);
});
