import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { exportedMemory } from "../support/exported-memory.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { bin, long } from "../../support/program.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const canTrace = spawnSync("strace", ["-o", "/dev/null", "-e", "trace=none", "true"]).status === 0;

/** Of a system call: with what it fails, and which of its calls does. The first of the first three is in the short suite, too. */
const places: readonly [call: string, error: string, which: readonly number[]][] = [
  ["fdatasync", "EIO", [3, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ["link", "EIO", [2, 1, 3, 4, 5]],
  ["pwrite64", "ENOSPC", [2, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ["fdatasync", "ENOSPC", [9, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]],
  ["unlink", "EIO", [3, 1, 2, 4, 5, 6, 7, 8, 9]],
  ["fsync", "EIO", [1, 2, 3, 4, 5, 6]],
  ["rename", "EIO", [1, 2, 3, 4]],
  ["mkdir", "ENOSPC", [1, 2, 3, 4, 5, 6]],
  ["write", "EIO", Array.from({ length: 24 }, (_, index) => 4 * index + 1)],
  ["openat", "EMFILE", Array.from({ length: 12 }, (_, index) => 40 * index + 20)],
];
const shortPlaces = 3;

const lines = ["one\n", "two\n", "three\n"];
const written = (world: World): string => {
  const file = join(world.folder, "workspace", "log.txt");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

/** A world whose model looks at the file before it adds the next line, so that only the program can add one twice. */
async function worldOf(t: TestContext): Promise<World> {
  const world: World = await scriptedWorld(
    t,
    () => {
      const next = lines[written(world).split("\n").length - 1];
      return next === undefined
        ? reply("task_complete", { reason: "done" })
        : reply("append_to_file", { file: "log.txt", text: next });
    },
    { env: { MEMORY_BACKEND: "local" } },
  );
  return world;
}

/** Runs until the run is completed: first with the failing call, then undisturbed. */
async function throughFailure(t: TestContext, call: string, error: string, which: number): Promise<void> {
  const world = await worldOf(t);
  const inject = ["-f", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:error=${error}:when=${which}`];
  const [program = "", ...tracing] = inject;
  const args = [...tracing, process.execPath, bin, "-c", "--output-format", "json"];
  const struck = await world.start(args, { node: "strace", program }).ended;
  const where = `${call} number ${which} fails with ${error}: ${struck.code ?? struck.signal}\n${struck.stderr}`;
  if (struck.code !== 0) {
    const resumed = await world.run(["--resume", "-c", "--output-format", "json"]);
    const hasNoRun = resumed.code === 2 && resumed.stderr.includes("There is no run to resume");
    const ended = hasNoRun ? await world.run(["-c", "--output-format", "json"]) : resumed;
    assert.equal(ended.code, 0, `${where}\nthen:\n${ended.stderr}`);
  }
  t.diagnostic(`ended with ${struck.code ?? struck.signal}`);
  assert.equal(written(world), lines.join(""), where);
  const listed = await world.run(["runs"]);
  assert.doesNotMatch(listed.stdout, /unreadable|killed/, where);
  const steps = (await exportedMemory(world))
    .filter(({ kind }) => kind === "step")
    .map(({ run, step }) => `${run} ${step}`);
  assert.deepEqual(steps, [...new Set(steps)], `${where}: a step is there twice`);
}

const chosen = places.flatMap(([call, error, which]) => which.map((number) => [call, error, number] as const));
const firsts = places.slice(0, shortPlaces).map(([call, error, [first = 1]]) => [call, error, first] as const);
for (const [call, error, which] of long ? chosen : firsts) {
  test(`a run goes on to its end after ${call} number ${which} has failed with ${error}`, async (t) => {
    if (!canTrace) return t.skip("needs strace");
    await throughFailure(t, call, error, which);
  });
}
