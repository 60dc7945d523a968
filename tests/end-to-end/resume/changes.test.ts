import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { eventsOfType, writeAi } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const nothing = reply("do_nothing");
const write = (file: string, text = "x"): string => reply("write_to_file", { file, text });
const done = reply("task_complete", { reason: "Done." });

type Resumed = { code: number | null; end: RunEnd; stderr: string };

async function resume(world: World, args: readonly string[] = [], env: Record<string, string> = {}): Promise<Resumed> {
  const { code, stdout, stderr } = await world.run(["--resume", ...args, "--output-format", "json"], { env });
  return { code, end: JSON.parse(stdout) as RunEnd, stderr };
}

/** A world whose workspace has these files. */
async function worldWith(
  t: TestContext,
  script: readonly string[],
  files: Record<string, string>,
  goals: readonly (string | object)[],
): Promise<World & { at(file: string): string }> {
  const world = await scriptedWorld(t, [...script], {
    ai: { goals: [...goals] as string[] },
    env: { PROMPT_CACHE: "off" },
  });
  const at = (file: string): string => join(world.folder, "workspace", file);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(at(file), ".."), { recursive: true });
    await writeFile(at(file), text);
  }
  return { ...world, at };
}

const schemaGoal = { goal: "Write it", checks: [{ json_schema: { file: "out.json", schema: "schema.json" } }] };

test("a completed run whose checks were changed is judged by the new ones once they are accepted, and not before", async (t) => {
  const script = [write("a.txt"), done, done, write("b.txt"), done];
  const world = await worldWith(t, script, {}, [{ goal: "Write it", checks: [{ file_exists: "a.txt" }] }]);
  assert.equal((await world.run(["-c"])).code, 0);
  await writeAi(world.folder, { goals: [{ goal: "Write it", checks: [{ file_exists: "b.txt" }] }] });
  const same = await resume(world);
  assert.deepEqual([same.code, same.end.steps], [0, 2]);
  assert.match(same.stderr, /Other checks: Write it\n[^]*--accept-changes takes this over[^]*is completed/);
  assert.equal(world.server.chatRequests().length, 2);
  const { code, end } = await resume(world, ["--accept-changes", "-l", "9"]);
  assert.deepEqual([code, end.steps, end.goals[0]?.verdict], [0, 5, "proven"]);
  assert.match(end.goals[0]?.evidence ?? "", /^file_exists b\.txt: found/);
});

test("what the run itself has made judges as the work, where a check by it is accepted on resume", async (t) => {
  const world = await worldWith(t, [write("schema.json", "{}"), write("out.json", "1"), done], {}, ["Write it"]);
  await world.run(["-c", "-l", "2"]);
  await writeAi(world.folder, { goals: [schemaGoal] });
  const { code, end } = await resume(world, ["--accept-changes", "-l", "9"]);
  assert.deepEqual([code, end.goals[0]?.verdict], [0, "judged"]);
  assert.match(
    end.goals[0]?.evidence ?? "",
    /schema\.json was fixed when the run had begun, and the run may have made/,
  );
});

test("a schema that the user mended is shown on resume, judges as it is now once accepted, and proves", async (t) => {
  const script = [write("out.json", "1"), nothing, done];
  const world = await worldWith(t, script, { "schema.json": '{"type":"array"}' }, [schemaGoal]);
  await world.run(["-c", "-l", "1"]);
  await writeFile(world.at("schema.json"), '{"type":"number"}');
  const kept = await resume(world, ["-l", "2"]);
  assert.match(
    kept.stderr,
    /The check "json_schema [^"]*": schema\.json, by which it judges, was changed since the start/,
  );
  assert.equal(kept.end.goals[0]?.verdict, "failed");
  const { code, end } = await resume(world, ["--accept-changes", "-l", "9"]);
  assert.deepEqual([code, end.goals[0]?.verdict], [0, "proven"]);
  const { stderr } = await resume(world);
  assert.doesNotMatch(stderr, /was changed since/);
});

test("changed protects and must_not are shown, fixed anew where they are accepted, and hold", async (t) => {
  const checks = [{ file_exists: "a.txt" }];
  const files = { "a.txt": "", "tests/one.txt": "1", LICENSE: "MIT" };
  const world = await worldWith(t, [nothing, write("LICENSE"), write("tests/one.txt"), done], files, [
    { goal: "g", checks },
  ]);
  await world.run(["-c", "-l", "1"]);
  await writeAi(world.folder, {
    goals: [{ goal: "g", checks, protects: ["tests/**"] }],
    more: 'must_not:\n  - file_unchanged: LICENSE\nprotect:\n  - "*.lock"\n',
  });
  const { code, end, stderr } = await resume(world, ["--accept-changes", "-l", "9"]);
  for (const line of [
    "Other files under protects: g",
    "New under must_not: file_unchanged LICENSE",
    "The rules of protection (protect) are different.",
  ])
    assert.ok(stderr.includes(line), stderr);
  assert.deepEqual(
    [code, end.goals.map(({ verdict }) => verdict)],
    [0, ["proven", "proven"]],
    JSON.stringify(end.goals),
  );
  assert.deepEqual([await world.file("LICENSE"), await world.file("tests/one.txt")], ["MIT", "1"]);
  assert.doesNotMatch((await resume(world)).stderr, /was changed since/);
});

test("models, TAINT and SNAPSHOTS that are others now are shown, and taken over with a yes; a flag is one", async (t) => {
  const world = await worldWith(t, [nothing, nothing, nothing, nothing], {}, ["Do it"]);
  const models = (): unknown[] => world.server.chatRequests().map(({ body }) => body?.model);
  await world.run(["-c", "-l", "1"], { env: { SMART_LLM_MODEL: "gpt-6-luna" } });
  const env = { SMART_LLM_MODEL: "gpt-6.1-terra", TAINT: "off", SNAPSHOTS: "false" };
  const kept = await resume(world, ["-l", "2"], env);
  for (const line of [
    'SMART_LLM_MODEL is now "gpt-6.1-terra"; it was "gpt-6-luna"',
    'TAINT is now "off"; it was "ask"',
    "SNAPSHOTS is now false; it was true",
  ])
    assert.ok(kept.stderr.includes(line), kept.stderr);
  await resume(world, ["-l", "3", "--accept-changes"], env);
  const later = await resume(world, ["-l", "4", "--model", "gpt-6-luna"], env);
  assert.doesNotMatch(later.stderr, /was changed since/);
  assert.deepEqual(models(), ["gpt-6-luna", "gpt-6-luna", "gpt-6.1-terra", "gpt-6-luna"]);
});

test("a fork has the rules of its step: what was withdrawn by then does not come back", async (t) => {
  const world = await scriptedWorld(t, [nothing, nothing, write("b.txt"), done], {
    ai: { more: "approve:\n  write_to_file: never\n" },
    env: { PROMPT_CACHE: "off" },
  });
  await world.run(["-c", "-l", "1"]);
  await writeAi(world.folder, {});
  await resume(world, ["-l", "2", "--accept-changes"]);
  const { code } = await world.run(["--fork", "last", "-c", "-l", "9", "--yes"]);
  assert.equal(code, 0);
  assert.equal(await world.file("b.txt"), "x");
  assert.equal(eventsOfType(await world.journal(), "run-start")[0]?.approve, undefined);
  await rm(join(world.folder, "workspace", "b.txt"));
});
