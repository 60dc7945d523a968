import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { eventsOfType } from "../../support/program.js";
import { reply, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { contentsOf } from "../support/folder-contents.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const original = [
  reply("write_to_file", { file: "a.txt", text: "one\n" }),
  reply("append_to_file", { file: "a.txt", text: "two\n" }),
  reply("write_to_file", { file: "late.txt", text: "too late: the colour is purple\n" }),
  reply("delete_file", { file: "a.txt" }),
  done,
];
const other = [...original.slice(0, 2), reply("write_to_file", { file: "other.txt", text: "another way\n" }), done];

type Forked = { world: World; files(): Record<string, string>; first: string; use(script: readonly string[]): void };

/** A world with a completed run, whose model answers by what the history shows. */
async function completed(t: Parameters<typeof scriptedWorld>[0]): Promise<Forked> {
  let script: readonly string[] = original;
  const answer = ({ body }: RecordedRequest): string => script[((body?.messages.length ?? 0) - 2) / 2] ?? done;
  const world = await scriptedWorld(t, answer, { env: { MEMORY_BACKEND: "local", EMBEDDING_PROVIDER: "none" } });
  const { code, stdout } = await world.run(["-c", "--output-format", "json"]);
  assert.equal(code, 0);
  const { run } = JSON.parse(stdout) as RunEnd;
  return {
    world,
    first: run ?? "",
    files: () => contentsOf(join(world.folder, "workspace")),
    use: (wanted) => (script = wanted),
  };
}

test("--fork goes on from a step in a run of its own: the workspace as it was, the same context, nothing paid yet", async (t) => {
  const { world, first, files, use } = await completed(t);
  const after = files();
  const before = await world.journal();
  use(other);
  const requests = world.server.chatRequests().length;
  const asked = await world.run(["--fork", "last", "--at", "2", "-c"]);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /put back +a\.txt\n +remove +late\.txt[^]*With --yes it is done without a question/);
  assert.deepEqual(files(), after);

  const forked = await world.run(["--fork", first, "--at", "2", "--yes", "-l", "9", "--output-format", "json"]);
  assert.equal(forked.code, 0, forked.stderr);
  const end = JSON.parse(forked.stdout) as RunEnd;
  assert.notEqual(end.run, first);
  assert.deepEqual([end.steps, end.usage.requests], [4, 2]);
  assert.deepEqual(files(), { "a.txt": "one\ntwo\n", "other.txt": "another way\n" });
  const own = { created: ["other.txt"], changed: [], deleted: [] };
  assert.deepEqual(end.files, own);
  assert.deepEqual(world.messages(requests).slice(0, -1), world.messages(2).slice(0, -1));
  // What was remembered after the step is not recalled.
  assert.doesNotMatch(JSON.stringify(world.messages(requests + 1)), /purple/);

  const journal = await world.journal();
  const [start] = eventsOfType(journal, "run-start");
  assert.deepEqual(start?.forkedFrom, { run: first, step: 2 });
  assert.equal(start?.limits.steps, null);
  assert.deepEqual(eventsOfType(journal, "run-resumed")[0]?.limits.steps, 2 + 9);
  const shown = await world.run(["runs", "show", end.run ?? ""]);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, new RegExp(`Forked from the run ${first} after step 2`));
  const report = JSON.parse((await world.run(["runs", "show", end.run ?? "", "--json"])).stdout) as { files: object };
  assert.deepEqual(report.files, own);
  const earlier = await world.run(["runs", "show", first, "--json"]);
  assert.equal((JSON.parse(earlier.stdout) as { steps: number }).steps, eventsOfType(before, "step-end").length);

  const tooFar = await world.run(["undo", end.run ?? "", "--to", "1"]);
  assert.equal(tooFar.code, 2);
  assert.match(tooFar.stderr, new RegExp(`begins behind step 2 of the run ${first}`));
  assert.equal((await world.run(["undo", end.run ?? ""])).code, 0);
  assert.deepEqual(files(), { "a.txt": "one\ntwo\n" });
  assert.equal((await world.run(["undo", first, "--to", "5"])).code, 0);
  assert.deepEqual(files(), after);
});

test("a fork keeps what the user has changed since, and can itself be resumed and forked", async (t) => {
  const { world, first, files, use } = await completed(t);
  await writeFile(join(world.folder, "workspace", "late.txt"), "by hand\n");
  use(other);
  const forked = await world.run(["--fork", first, "--at", "2", "--yes", "-l", "1", "--output-format", "json"]);
  assert.equal(forked.code, 5, forked.stderr);
  assert.match(forked.stderr, /somebody else has changed them[^]*late\.txt/);
  const { run: second, steps } = JSON.parse(forked.stdout) as RunEnd;
  assert.equal(steps, 3);
  assert.deepEqual(files(), { "a.txt": "one\ntwo\n", "late.txt": "by hand\n", "other.txt": "another way\n" });

  const third = await world.run(["--fork", second ?? "", "--yes", "-l", "5", "--output-format", "json"]);
  const { run } = JSON.parse(third.stdout) as RunEnd;
  assert.equal(third.code, 0, third.stderr);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual(start?.forkedFrom, { run: second, step: 3, earlier: [{ run: first, step: 2 }] });
  assert.notEqual(run, second);
  const resumed = await world.run(["--resume", second ?? "", "-l", "3", "--output-format", "json"]);
  assert.deepEqual([resumed.code, (JSON.parse(resumed.stdout) as RunEnd).steps], [0, 4]);
});

test("what cannot be forked is told: steps that there are not, a run that goes on, flags that do not fit", async (t) => {
  const { world, first } = await completed(t);
  for (const [args, problem] of [
    [["--fork", first, "--at", "9"], /has finished 5 steps, so nothing can go on from step 9/],
    [["--fork", "nothing"], /There is no run "nothing"/],
    [["--fork", first, "--resume"], /--fork starts a new run, --resume goes on with an old one/],
    [["--at", "1"], /--at can only be used with --fork/],
    [["--fork", first, "-w", "elsewhere"], /leave -w out/],
  ] as const) {
    const { code, stderr } = await world.run([...args, "-c"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, problem);
  }
});
