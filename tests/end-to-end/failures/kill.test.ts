import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { JournalEvent } from "../../../src/history/events.js";
import type { Message } from "../../../src/model/model.js";
import { startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { runInProcess } from "../../support/in-process.js";
import { eventsOfType, long, startProgram, temporaryFolder, writeAi } from "../../support/program.js";
import { seededNumbers } from "../../support/seeded-numbers.js";
import { carefulReply, filesAfter, operations, undisturbedRequests } from "../support/file-script.js";
import { contentsOf } from "../support/folder-contents.js";

/** When a process is killed: `started` is called for each process, `asked` for each request before it is answered. */
type Assassin = {
  started?(child: ChildProcess): void;
  asked?(child: ChildProcess, finishedSteps: number): void | Promise<void>;
};

const seed = Number(process.env["AUTOGPT_TEST_SEED"] ?? Date.now() % 1_000_000);

/** Runs the script to its end however often it is killed, and checks everything on the way. */
async function survive(t: TestContext, assassin: Assassin): Promise<{ kills: number; durations: number[] }> {
  const folder = await temporaryFolder(t);
  await writeAi(folder);
  let child: ChildProcess | undefined;
  const broken: unknown[] = [];
  const server = await startFakeOpenAi({
    keep: 1,
    chat: async ({ body }) => {
      try {
        const steps = stepsOnDisk(journalOf(folder));
        historyIsComplete(body?.messages ?? [], steps);
        const text = carefulReply(body?.messages ?? []);
        if (child) await assassin.asked?.(child, steps.length);
        return text;
      } catch (thrown) {
        broken.push(thrown);
        throw thrown;
      }
    },
  });
  t.after(() => server.close());
  const env = { OPENAI_API_BASE_URL: server.url, OPENAI_RETRIES: "1" };
  const durations: number[] = [];
  let before = "";
  for (let kills = 0; ; kills++) {
    const args = before === "" ? ["-c", "-m", "no_memory"] : ["--resume"];
    const startedAt = Date.now();
    const running = startProgram({ cwd: folder, args, env });
    child = running.child;
    assassin.started?.(child);
    const ended = await running.ended;
    durations.push(Date.now() - startedAt);
    assert.deepEqual(broken, []);
    before = journalIsValid(folder, before);
    if (ended.signal === "SIGKILL") continue;
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    endsAsUndisturbed(folder);
    return { kills, durations };
  }
}

/** The path of the last run that has begun to write its journal. */
function journalFile(folder: string): string | undefined {
  const runs = join(folder, ".autogpt", "runs");
  if (!existsSync(runs)) return undefined;
  const files = readdirSync(runs).map((run) => join(runs, run, "events.jsonl"));
  return files.sort().findLast((file) => existsSync(file) && readFileSync(file, "utf8").includes("\n"));
}

const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf("\n") + 1);

function journalOf(folder: string): JournalEvent[] {
  const file = journalFile(folder);
  const lines = file === undefined ? [] : wholeLines(readFileSync(file, "utf8")).split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JournalEvent);
}

type StepOnDisk = { reply: string; result: string };

function stepsOnDisk(events: readonly JournalEvent[]): StepOnDisk[] {
  let said = "";
  const steps: StepOnDisk[] = [];
  for (const event of events) {
    if (event.type === "model-replied") said = event.text ?? "";
    if (event.type === "step-end") steps.push({ reply: said, result: event.result.text });
  }
  return steps;
}

function historyIsComplete(messages: readonly Message[], steps: readonly StepOnDisk[]): void {
  assert.equal(messages.length, 2 * steps.length + 2, "the request shows every finished step and nothing else");
  for (const [index, { reply, result }] of steps.entries()) {
    const [said, told] = messages.slice(2 * index + 1);
    assert.equal(said?.content, reply);
    assert.ok(told?.content.includes(result), `step ${index + 1}: ${told?.content} lacks ${result}`);
  }
}

/** Whole lines only grow, `seq` has no gaps, no step is begun or ended twice. Returns the whole lines. */
function journalIsValid(folder: string, before: string): string {
  const file = journalFile(folder);
  const text = file === undefined ? "" : wholeLines(readFileSync(file, "utf8"));
  assert.ok(text.startsWith(before), "lines that were written stay as they were");
  const events = journalOf(folder);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  const starts = eventsOfType(events, "command-start").map(({ step }) => step);
  assert.deepEqual(starts, [...new Set(starts)], "no command is started twice");
  const ends = eventsOfType(events, "step-end").map(({ step }) => step);
  assert.deepEqual(
    ends,
    ends.map((_, index) => index + 1),
    "steps end once and in order",
  );
  return text;
}

function endsAsUndisturbed(folder: string): void {
  const expected: Record<string, string> = { "new/": "1 entries", "notes/": "1 entries" };
  for (const [file, text] of filesAfter(operations.length)) expected[file] = text;
  const found = contentsOf(join(folder, "workspace"));
  assert.deepEqual(found, Object.fromEntries(Object.entries(expected).sort()));
  const left = Object.keys(contentsOf(join(folder, ".autogpt"))).filter((file) => file.endsWith(".tmp"));
  assert.deepEqual(left, [], "no half-written file is left behind");
  const events = journalOf(folder);
  const completions = eventsOfType(events, "step-end").filter(({ result }) => result.stop === "task-complete");
  assert.equal(completions.length, 1);
  assert.equal(events.at(-1)?.type, "run-end");
}

/** How long a run takes that nobody disturbs, in milliseconds. */
let undisturbedMs: number | undefined;

test("a run that nobody disturbs does every operation once", async (t) => {
  const { kills, durations } = await survive(t, {});
  assert.equal(kills, 0);
  [undisturbedMs] = durations;
});

/** Requests after which a process is killed: all of them in the long version, otherwise every tenth, others each time. */
const struck = (finishedSteps: number): boolean => long || (finishedSteps + seed) % 10 === 0;

test("killed when a request arrives, the run completes as if undisturbed", async (t) => {
  let reached = -1;
  const { kills } = await survive(t, {
    asked(child, finishedSteps) {
      if (finishedSteps <= reached || !struck(finishedSteps)) return;
      reached = finishedSteps;
      child.kill("SIGKILL");
    },
  });
  const due = Array.from({ length: undisturbedRequests }, (_, index) => index).filter(struck);
  assert.equal(kills, due.length);
  t.diagnostic(`${kills} kills`);
});

test("killed shortly after a reply was sent, the run completes as if undisturbed", async (t) => {
  const random = seededNumbers(seed);
  t.diagnostic(`seed ${seed} (AUTOGPT_TEST_SEED)`);
  let reached = -1;
  const { kills } = await survive(t, {
    asked(child, finishedSteps) {
      if (finishedSteps <= reached || !struck(finishedSteps)) return;
      reached = finishedSteps;
      setTimeout(() => child.kill("SIGKILL"), random() * 8);
    },
  });
  assert.ok(kills > 0);
  t.diagnostic(`${kills} kills`);
});

// In npm test resume/killed.test.ts kills at random moments.
if (long)
  test("killed at random moments, each run completes as if undisturbed", async (t) => {
    const random = seededNumbers(seed + 1);
    const wanted = 200;
    t.diagnostic(`${wanted} kills, seed ${seed} (AUTOGPT_TEST_SEED)`);
    const wholeMs = undisturbedMs ?? (await survive(t, {})).durations[0] ?? 0;
    let kills = 0;
    let runs = 0;
    for (; kills < wanted; runs++) {
      const outcome = await survive(t, {
        started(child) {
          if (kills >= wanted) return;
          setTimeout(() => child.kill("SIGKILL"), random() * wholeMs).unref();
          child.once("exit", (_, signal) => (kills += signal === "SIGKILL" ? 1 : 0));
        },
      });
      assert.ok(outcome.durations.length > 0);
    }
    t.diagnostic(`${kills} kills in ${runs} runs, one undisturbed takes ${wholeMs} ms`);
  });

test("a run that was killed after its last step ends without asking the model again", async (t) => {
  const { folder, env, server } = await completedRun(t);
  const file = journalFile(folder) ?? "";
  const text = readFileSync(file, "utf8");
  const withoutEnd = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1);
  truncateSync(file, Buffer.byteLength(withoutEnd));
  const requests = server.requests.length;

  const { code, stdout } = await runInProcess({ cwd: folder, args: ["--resume", "--output-format", "json"], env });
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { reason: string }).reason, "task-complete");
  assert.equal(server.requests.length, requests);
  endsAsUndisturbed(folder);
});

test("a run that was killed before its first event hides no earlier one from --resume", async (t) => {
  const { folder, env } = await completedRun(t);
  const later = join(folder, ".autogpt", "runs", "99991231-235959-999-0000");
  mkdirSync(later);
  writeFileSync(join(later, "events.jsonl"), "");
  const { code, stderr } = await runInProcess({ cwd: folder, args: ["--resume"], env });
  assert.equal(code, 0, `the earlier run is found, which is complete: ${stderr}`);
});

async function completedRun(t: TestContext) {
  const folder = await temporaryFolder(t);
  await writeAi(folder);
  const server = await startFakeOpenAi({ chat: ({ body }) => carefulReply(body?.messages ?? []) });
  t.after(() => server.close());
  const env = { OPENAI_API_BASE_URL: server.url };
  const { code, stderr } = await runInProcess({ cwd: folder, args: ["-c", "-m", "no_memory"], env });
  assert.equal(code, 0, stderr);
  return { folder, env, server };
}
