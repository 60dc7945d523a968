import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SettingsError } from "../../src/errors.js";
import { readEvents } from "../../src/history/read-events.js";
import { temporaryFolder } from "../support/program.js";

type Line = Record<string, unknown>;

const totals = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, embeddingTokens: 0, requests: 1, costUsd: 0.1 };
const limits = { steps: null, costUsd: 1, tokens: null, seconds: null };
const result = { ok: true, text: "done" };
const stepEnd = (step: number): Line => ({ type: "step-end", step, command: null, outcome: "ran", result });

/** A whole journal: begun, two steps, ended. */
const journal = (): Line[] =>
  [
    {
      type: "run-start",
      format: 1,
      run: "r",
      aiName: "A",
      aiRole: "R",
      goals: ["G"],
      memory: "local",
      workspace: "/w",
      limits,
      continuous: true,
    },
    stepEnd(1),
    stepEnd(2),
    { type: "run-end", reason: "limit-steps", exitCode: 5, usage: totals },
  ].map((event, index) => ({ seq: index + 1, time: "2026-11-23T00:00:00.000Z", ...event }));

async function read(t: TestContext, lines: readonly unknown[]): Promise<number> {
  const file = join(await temporaryFolder(t), "events.jsonl");
  await writeFile(file, lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
  return (await readEvents(file)).events.length;
}

const renumbered = (lines: Line[]): Line[] => lines.map((line, index) => ({ ...line, seq: index + 1 }));

function changed(at: number, change: Line): Line[] {
  return journal().map((line, index) => (index === at ? { ...line, ...change } : line));
}

test("a whole journal is read, with fields and events that nobody knows yet", async (t) => {
  assert.equal(await read(t, journal()), 4);
  const [start, ...rest] = journal();
  const later = renumbered([{ ...start, extra: 1 }, { ...start, type: "of-a-later-version", step: "x" }, ...rest]);
  assert.equal(await read(t, later), 5);
});

test("names that others own, and that this version may not know, are any text", async (t) => {
  const model = { step: 3, purpose: "dream", usage: totals };
  const lines = renumbered([
    { ...journal()[0], memory: "of-tomorrow", goals: [{ goal: "G", checks: [{ of_tomorrow: [1] }] }] },
    { ...stepEnd(1), result: { ...result, sandbox: "of-tomorrow" } },
    stepEnd(2),
    { type: "model-requested", ...model, model: "m", reservedUsd: 1, reservedTokens: 1 },
    { type: "model-replied", ...model, costUsd: 0, finishReason: "bored" },
    { type: "command-asked", step: 3, command: { name: "x", args: {} }, effect: "sings" },
    { type: "run-end", reason: "asleep", exitCode: 99, usage: totals },
  ]).map((line) => ({ ...line, time: "2026-11-23T00:00:00.000Z" }));
  assert.equal(await read(t, lines), 7);
});

const damages: [string, () => unknown[], RegExp][] = [
  ["a line taken out", () => journal().filter((_line, index) => index !== 1), /line 2.*seq is 3/],
  ["a line twice", () => journal().flatMap((line, index) => (index === 1 ? [line, line] : [line])), /line 3.*seq is 2/],
  ["lines in another order", () => journal().reverse(), /line 1/],
  ["the whole file twice", () => [...journal(), ...journal()], /line 5/],
  ["a seq that is text", () => changed(1, { seq: "2" }), /line 2.*no event/],
  ["a finished step missing", () => renumbered(journal().filter((_line, index) => index !== 1)), /step is missing/],
  ["a null", () => [...journal(), null], /line 5.*no event/],
  ["another format", () => changed(0, { format: 2 }), /line 1.*format/],
  ["no start", () => renumbered(journal().slice(1)), /line 1/],
  ["no goals", () => changed(0, { goals: [] }), /goals/],
  ["a goal that is null", () => changed(0, { goals: [null] }), /goals/],
  ["limits that are text", () => changed(0, { limits: { ...limits, costUsd: "1" } }), /limits\.costUsd/],
  ["a result that is null", () => changed(1, { result: null }), /result/],
  ["an unknown way to stop", () => changed(1, { result: { ...result, stop: "weird" } }), /result\.stop/],
  ["an outcome that there is not", () => changed(1, { outcome: "maybe" }), /outcome/],
  ["a memory that is no text", () => changed(0, { memory: 1 }), /memory/],
  ["costs below nothing", () => changed(3, { usage: { ...totals, costUsd: -5 } }), /usage\.costUsd/],
  ["no costs", () => changed(3, { usage: {} }), /usage/],
  [
    "a line of another program",
    () => [...journal().slice(0, 1), "rubbish", ...journal().slice(1)],
    /line 2: it is not valid/,
  ],
  ["a time that is none", () => changed(1, { time: "yesterday" }), /line 2.*no event/],
];
for (const [what, lines, message] of damages) {
  test(`a journal with ${what} is damaged, and the message says where`, async (t) => {
    await assert.rejects(read(t, lines()), (thrown: unknown) => {
      assert.ok(thrown instanceof SettingsError, String(thrown));
      assert.match(thrown.message, message);
      assert.match(thrown.message, /start a new run/);
      return true;
    });
  });
}

const request = { type: "model-requested", step: 3, purpose: "think", model: "m", reservedUsd: 1, reservedTokens: 1 };
const time = "2026-11-23T00:00:00.000Z";
const withHole = (line: Line): string => `${JSON.stringify(line).slice(0, 30)}${"\0".repeat(20)}`;
const torn = (line: Line): string => JSON.stringify(line).slice(0, -20);

for (const [what, behind, end, isDamage] of [
  ["two requests that came together", [{ together: 6 }, { together: 6 }], "", false],
  ["a request and another that came with it and is torn", [{ together: 6 }], torn({ seq: 6, time, ...request }), false],
  ["a request and zeros in place of the other that came with it", [{ together: 6 }], "\0".repeat(300), false],
  ["two requests that came one by one", [{}, {}], "", true],
  ["a request that came alone and a torn one", [{}], torn({ seq: 6, time, ...request }), true],
  ["the first of two that came together and one of its own", [{ together: 6 }, {}], "", true],
  ["two pairs of requests", [{ together: 6 }, { together: 6 }, { together: 8 }, { together: 8 }], "", true],
] as const)
  test(`a journal with zeros before ${what} ${isDamage ? "is damaged" : "ends before them"}`, async (t) => {
    const file = join(await temporaryFolder(t), "events.jsonl");
    const [start, one, two] = journal();
    const whole = [start, one].map((line) => `${JSON.stringify(line)}\n`).join("");
    const requests = behind.map((mark, index) => JSON.stringify({ seq: index + 5, time, ...mark, ...request }));
    const unsynced = JSON.stringify({ seq: 4, time, type: "step-remembered", step: 2 });
    await writeFile(file, `${whole}${[withHole(two ?? {}), unsynced, ...requests].join("\n")}\n${end}`);
    const reading = readEvents(file);
    if (isDamage) return assert.rejects(reading, { name: "SettingsError", message: /line 3/ });
    const { events, validBytes } = await reading;
    return assert.deepEqual([events.length, validBytes], [2, Buffer.byteLength(whole)]);
  });
