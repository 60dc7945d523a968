import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { bin, eventsOfType, long } from "../../support/program.js";
import { seededNumbers } from "../../support/seeded-numbers.js";
import { reply, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { contentsOf } from "../support/folder-contents.js";
import {
  diskCalls,
  durableUpTo,
  makeDisk,
  tracedCalls,
  tracedFolders,
  type DiskCall,
  type Fate,
} from "../support/disk-trace.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const canTrace = spawnSync("strace", ["-o", "/dev/null", "-e", "trace=none", "true"]).status === 0;
const seed = Number(process.env["AUTOGPT_TEST_SEED"] ?? Date.now() % 1_000_000);

type Step = { reply: string; isDone(read: (file: string) => string | null): boolean };
const step = (name: string, args: Record<string, unknown>, isDone: Step["isDone"]): Step => ({
  reply: reply(name, args),
  isDone,
});
const script: readonly Step[] = [
  step("write_to_file", { file: "a.txt", text: "one\n" }, (read) => read("a.txt") !== null),
  step("append_to_file", { file: "a.txt", text: "two\n" }, (read) => read("a.txt")?.includes("two") === true),
  step("start_agent", { name: "Clerk", task: "t", prompt: "p" }, () => false),
  step(
    "append_to_file",
    { file: "new/log.txt", text: "first\n" },
    (read) => read("new/log.txt")?.includes("first") === true,
  ),
  step(
    "append_to_file",
    { file: "new/log.txt", text: "second\n" },
    (read) => read("new/log.txt")?.includes("second") === true,
  ),
  step(
    "edit_file",
    { file: "a.txt", find: "two", replace: "zwei" },
    (read) => read("a.txt")?.includes("zwei") === true,
  ),
  step("copy_file", { file: "a.txt", to: "b.txt" }, (read) => read("b.txt") !== null),
  step("move_file", { file: "b.txt", to: "kept/c.txt" }, (read) => read("kept/c.txt") !== null),
  step("write_to_file", { file: "passing.txt", text: "not for long\n" }, (read) => read("passing.txt") !== null),
  step("delete_file", { file: "passing.txt" }, (read) => read("passing.txt") === null),
  step("append_to_file", { file: "a.txt", text: "three\n" }, (read) => read("a.txt")?.includes("three") === true),
];
const done = reply("task_complete", { reason: "Done." });

/** A world whose model looks before it repeats what may have happened. */
async function carefulWorld(t: Parameters<typeof scriptedWorld>[0]): Promise<World & { forget(): void }> {
  const found = new Map<number, boolean>();
  const place: { folder?: string } = {};
  const read = (file: string): string | null => {
    const path = join(place.folder ?? "", "workspace", file);
    return existsSync(path) ? readFileSync(path, "utf8") : null;
  };
  const answer = ({ body }: RecordedRequest): string => {
    const messages = body?.messages ?? [];
    if (messages[0]?.content.startsWith("You are Clerk")) return "yes";
    let next = 0;
    for (const [index, { content }] of messages.slice(1, -1).entries()) {
      if (index % 2 === 0) continue;
      if (content.includes("may or may not have happened")) {
        if (!found.has(index)) found.set(index, script[next]?.isDone(read) ?? false);
        next += found.get(index) === true ? 1 : 0;
      } else next += 1;
    }
    return script[next]?.reply ?? done;
  };
  const world = await scriptedWorld(t, answer, { env: { MEMORY_BACKEND: "local", EMBEDDING_PROVIDER: "none" } });
  place.folder = world.folder;
  return { ...world, forget: () => found.clear() };
}

/** Everything up to a call is there, the last write perhaps in part: what a file system with a journal leaves. */
const inOrder =
  (last: number, torn: boolean): Fate =>
  (call, index) =>
    index > last ? "lost" : index === last && torn && call.kind === "write" ? "part" : "done";

/** Of what no sync has brought to the disk by a call, anything is there or not, whole or torn. */
function inAnyOrder(calls: readonly DiskCall[], last: number, random: () => number): Fate {
  const durable = durableUpTo(calls, last);
  return (call, index) => {
    if (index > last) return "lost";
    if (durable.has(index)) return "done";
    const chance = random();
    if (chance < 0.4) return "lost";
    return call.kind !== "write" || chance < 0.7 ? "done" : chance < 0.85 ? "part" : "zeros";
  };
}

test("whatever writes a power cut has taken or torn, the journal is valid, and no step is done twice", async (t) => {
  if (!canTrace) return t.skip("needs strace");
  const world = await carefulWorld(t);
  const trace = join(world.folder, "trace.txt");
  const tracing = ["-f", "-y", "-xx", "-qq", "-s", "1000000", "-e", `trace=${tracedCalls}`, "-o"];
  const [program = "", ...rest] = tracing;
  const { code, stderr } = await world.start([...rest, trace, process.execPath, bin, "-c"], { node: "strace", program })
    .ended;
  assert.equal(code, 0, stderr);
  const folders = tracedFolders(await realpath(world.folder));
  const calls = diskCalls(readFileSync(trace, "utf8"), folders);
  const workspace = join(world.folder, "workspace");
  const whole = contentsOf(workspace);
  makeDisk(calls, folders, () => "done");
  assert.deepEqual(contentsOf(workspace), whole, "the trace tells all that happened");

  const random = seededNumbers(seed);
  const states = long ? 400 : 3;
  const ends = new Map<string, number>();
  for (let state = 0; state < states; state += 1) {
    const last = Math.floor(random() * calls.length);
    const ordered = state % 2 === 0;
    const where = `state ${state}, ${ordered ? "in order" : "in any order"} up to call ${last} of ${calls.length}, seed ${seed}`;
    makeDisk(calls, folders, ordered ? inOrder(last, random() < 0.5) : inAnyOrder(calls, last, random));
    world.forget();
    const resumed = await world.run(["--resume", "-c"]);
    const hasNoRun = resumed.code === 2 && /There is no run to resume|line 1: it is no run-start/.test(resumed.stderr);
    const ended = hasNoRun ? await world.run(["-c"]) : resumed;
    assert.equal(ended.code, 0, `${where}\n${ended.stderr}`);
    const journal = await world.journal();
    for (const type of ["command-start", "step-end"] as const) {
      const steps = eventsOfType(journal, type).map((event) => event.step);
      assert.deepEqual(steps, [...new Set(steps)], `${where}: ${type} twice`);
    }
    for (const file of ["a.txt", "new/log.txt"]) {
      const path = join(workspace, file);
      const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
      assert.deepEqual(lines, [...new Set(lines)], `${where}: ${file} has a line twice`);
    }
    if (ordered && !hasNoRun) assert.deepEqual(contentsOf(workspace), whole, where);
    const how = eventsOfType(journal, "step-end").find(({ interrupted }) => interrupted !== undefined)?.interrupted;
    const kind = hasNoRun ? "not begun" : (how ?? "nothing under way");
    ends.set(kind, (ends.get(kind) ?? 0) + 1);
  }
  t.diagnostic(`${states} states of ${calls.length} calls: ${JSON.stringify(Object.fromEntries(ends))}; seed ${seed}`);
});
