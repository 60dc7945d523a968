import assert from "node:assert/strict";
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { checkpointFile, placesFile } from "../../../src/history/checkpoint/format.js";
import { leaveToJournal } from "../../../src/history/checkpoint/recorded-steps.js";
import { readRunToGoOn } from "../../../src/history/checkpoint/read-checkpoint.js";
import { writeCheckpoints } from "../../../src/history/checkpoint/write-checkpoints.js";
import type { AgentEvent, JournalEvent, Step } from "../../../src/history/events.js";
import type { JournalPosition } from "../../../src/history/fold/position.js";
import { readRun, type RecordedRun } from "../../../src/history/read-run.js";
import { lineWithSum } from "../../../src/storage/line-sum.js";
import { temporaryFolder } from "../../support/program.js";
import { runStart } from "../run-start.js";

const usage = { promptTokens: 100, cachedTokens: 10, completionTokens: 20 };
const totals = { ...usage, embeddingTokens: 0, requests: 1, costUsd: 0.01 };
const limits = { steps: 5, costUsd: null, tokens: null, seconds: null };
const thoughts = { text: "", reasoning: "", plan: "", criticism: "", speak: "" };
const command = { name: "read_file", args: { file: "ä.txt" } };

const thought = (step: number): AgentEvent[] => [
  { type: "context-built", step, tokens: 1, messages: 1, memories: 0, recalled: [] },
  { type: "model-requested", step, purpose: "think", model: "s", reservedUsd: 0.5, reservedTokens: 4_100 },
  {
    ...{ type: "model-replied", step, purpose: "think", text: `reply ${step} – ü`, finishReason: "stop", usage },
    ...{ costUsd: 0.01, ...(step === 2 && { reasoning: { model: "s", items: [], tokens: 3 } }) },
  } as AgentEvent,
  { type: "reply-parsed", step, command, problem: null, thoughts },
];
const finished = (step: number): AgentEvent[] => [
  ...thought(step),
  { type: "command-start", step, command, allowed: 3 } as AgentEvent,
  { type: "step-end", step, command, outcome: "ran", result: { ok: step !== 2, text: `result ${step}` }, totals },
  { type: "step-remembered", step },
];
const told: AgentEvent = {
  ...{ type: "step-end", step: 3, command: null, outcome: "feedback", told: ["a", "b"], totals },
  result: { ok: true, text: "Human feedback: no" },
};
const end = {
  ...{ type: "run-end", run: "r", reason: "limit-steps", exitCode: 5, steps: 4, goals: [] },
  usage: totals,
};

/** Something of all that a journal is folded into. */
const events: AgentEvent[] = [
  runStart({ limits }),
  ...finished(1),
  { type: "context-tainted", step: 1, kind: "page", from: "https://example.org" },
  ...finished(2),
  { type: "circle-found", step: 2, kind: "repeat", steps: [1, 2], text: "Twice.", rung: 1 } as AgentEvent,
  told,
  { type: "agent-message", step: 3, key: "0", role: "user", text: "hello", name: "Clerk", task: "t" } as AgentEvent,
  { type: "rule-added", step: 3, rule: { command: "read_file", pattern: null, decision: "always" } },
  ...finished(4),
  { type: "limit-near", limit: "steps", used: 4, of: 5 } as AgentEvent,
  { ...end, durationMs: 3, answer: null, workspace: "/w" } as unknown as AgentEvent,
  { type: "run-resumed", step: 5, limits: { ...limits, steps: 9 }, continuous: false } as AgentEvent,
  ...thought(5),
  { type: "command-asked", step: 5, command, effect: "reads", question: "q", preview: [] } as AgentEvent,
];

const lines = events.map((event, index) =>
  lineWithSum({ seq: index + 1, time: new Date(Date.UTC(2026, 10, 29) + index * 1_000).toISOString(), ...event }),
);
const text = (count: number): string =>
  lines
    .slice(0, count)
    .map((line) => `${line}\n`)
    .join("");

type Place = { folder: string; journal: string };
async function place(t: TestContext): Promise<Place> {
  const folder = await temporaryFolder(t);
  return { folder, journal: join(folder, "events.jsonl") };
}

/** The journal up to a line, with a checkpoint of it. */
async function checkpointAt({ folder, journal }: Place, count: number, from: JournalPosition | null = null) {
  await writeFile(journal, text(count));
  writeCheckpoints({ runDirectory: folder, journal, from, window: () => ({ at: count }) }).write();
}

/** A run with everything in it that is read when it is asked for. */
function plain({ position: _position, ...run }: RecordedRun): unknown {
  const lists = { heard: [...run.heard], remembered: [...run.remembered] };
  return JSON.parse(JSON.stringify({ ...run, ...lists, unused: [...run.serverQuestions.unused] }));
}

test("a run is the same from any checkpoint on, and from one that goes on from another", async (t) => {
  const where = await place(t);
  for (let first = 1; first <= lines.length; first++) {
    await checkpointAt(where, first);
    await writeFile(where.journal, text(lines.length));
    const whole = plain(await readRun(where.folder));
    const run = await readRunToGoOn(where.folder);
    assert.equal(run.position?.written, Buffer.byteLength(text(first)));
    assert.deepEqual(run.position?.window, { at: first });
    assert.deepEqual(plain(run), whole);
    // A process that has read up to here writes the next one further on.
    const middle = Math.min(lines.length, first + 7);
    await writeFile(where.journal, text(middle));
    const before = await readRunToGoOn(where.folder);
    await checkpointAt(where, lines.length, before.position ?? null);
    const again = await readRunToGoOn(where.folder);
    assert.equal(again.position?.written, Buffer.byteLength(text(lines.length)));
    assert.deepEqual(plain(again), whole);
  }
});

test("whoever writes checkpoints is given each step as the journal has it, read when it is asked for", async (t) => {
  const where = await place(t);
  const given: Step[] = [];
  const written = (steps: readonly Step[]): void => void given.push(...steps);
  for (let count = 1, from: JournalPosition | null = null; count <= lines.length; count += 5) {
    await writeFile(where.journal, text(count));
    writeCheckpoints({ runDirectory: where.folder, journal: where.journal, from, window: () => null, written }).write();
    from = (await readRunToGoOn(where.folder)).position ?? null;
  }
  await writeFile(where.journal, text(lines.length));
  const { steps } = await readRun(where.folder);
  assert.equal(steps.length, 4);
  // A copy has all of it as well, and so has what was asked in another order.
  assert.deepEqual(
    [...given].reverse().map((step) => ({ ...step })),
    [...steps].reverse(),
  );
});

test("what was read of a step to go on is kept until the step is left to the journal", async (t) => {
  const where = await place(t);
  await checkpointAt(where, lines.length);
  const step = (await readRunToGoOn(where.folder)).steps[0] as Step;
  const { result, text: reply } = step;
  assert.equal(step.result, result);
  leaveToJournal(step);
  assert.notEqual(step.result, result);
  assert.deepEqual({ ...step }, { ...step, result, text: reply });
  // A step that was never read from a journal stays as it is.
  const own: Step = { ...step };
  leaveToJournal(own);
  assert.equal(own.result, own.result);
});

test("a checkpoint that was begun and not finished changes nothing", async (t) => {
  const where = await place(t);
  await checkpointAt(where, 12);
  await writeFile(where.journal, text(lines.length));
  await appendFile(placesFile(where.folder), '["ran",1,1,1,1,0]\n');
  await writeFile(`${checkpointFile(where.folder)}.draft`, "{");
  const run = await readRunToGoOn(where.folder);
  assert.notEqual(run.position?.written, 0);
  await checkpointAt(where, lines.length, run.position ?? null);
  assert.deepEqual(plain(await readRunToGoOn(where.folder)), plain(await readRun(where.folder)));
});

test("nothing that does not fit the journal, byte for byte, is used", async (t) => {
  const where = await place(t);
  const kept = lines.length - 6;
  const other = JSON.parse(lines[3] ?? "") as JournalEvent & { text: string };
  const edited = lines.with(3, lineWithSum({ ...other, text: "reply of somebody else", sum: undefined }));
  const changes: [what: string, change: () => Promise<void>][] = [
    ["a journal with a line that somebody has written anew", () => writeFile(where.journal, `${edited.join("\n")}\n`)],
    ["a journal that is shorter", () => writeFile(where.journal, text(kept - 1))],
    ["places that are missing", () => rm(placesFile(where.folder))],
    ["places that are cut off", () => truncate(placesFile(where.folder), 20)],
    ["another version's", () => edit(where, (one) => one.replace(/"version":"[^"]*"/, '"version":"0.0.0"'))],
    ["one that was changed", () => edit(where, (one) => one.replace('"continuous":true', '"continuous":false'))],
    ["one that is cut off", () => truncate(checkpointFile(where.folder), 100)],
  ];
  for (const [what, change] of changes) {
    await checkpointAt(where, kept);
    await writeFile(where.journal, text(lines.length));
    await change();
    const run = await readRunToGoOn(where.folder);
    assert.equal(run.position?.written, 0, what);
    assert.deepEqual(plain(run), plain(await readRun(where.folder)), what);
  }
});

test("behind a checkpoint a torn end is left out, and a damaged line is told with its number", async (t) => {
  const where = await place(t);
  await checkpointAt(where, 10);
  await writeFile(where.journal, `${text(14)}{"seq":15,"ty`);
  const run = await readRunToGoOn(where.folder);
  assert.equal(run.position?.written, Buffer.byteLength(text(10)));
  assert.deepEqual([run.lastSeq, run.validBytes], [14, Buffer.byteLength(text(14))]);
  await writeFile(where.journal, text(14).replace(`"seq":13`, `"seq":93`));
  await assert.rejects(readRunToGoOn(where.folder), /line 13: it does not fit its checksum/);
});

test("a step whose line was changed since says so when it is asked for", async (t) => {
  const where = await place(t);
  await checkpointAt(where, lines.length);
  const [step] = (await readRunToGoOn(where.folder)).steps;
  await writeFile(where.journal, (await readFile(where.journal, "utf8")).replace("result 1", "result 9"));
  assert.throws(() => step?.result, /was changed while the run went on/);
});

const edit = async ({ folder }: Place, change: (text: string) => string): Promise<void> =>
  writeFile(checkpointFile(folder), change(await readFile(checkpointFile(folder), "utf8")));
