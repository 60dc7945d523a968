import assert from "node:assert/strict";
import { test } from "node:test";
import { literalCommand } from "../../src/console/approval/next-action.js";
import { consoleListener } from "../../src/console/listener.js";
import { createPalette } from "../../src/console/palette.js";
import type { Screen } from "../../src/console/screen.js";
import type { AgentEvent } from "../../src/history/events.js";
import { emptyTotals } from "../../src/history/totals.js";

const command = { name: "write_to_file", args: { file: "a.txt", text: "b" } };
const thoughts = { text: "T", reasoning: "", plan: "- one\n\n- two", criticism: "", speak: "S" };

/** What a listener shows for these events, in order: `out:` and `err:`. */
async function shown(events: readonly AgentEvent[], quiet = false, journal = "/j"): Promise<string[]> {
  const lines: string[] = [];
  const screen: Screen = {
    print: (...texts) => void lines.push(...texts.map((text) => `out: ${text}`)),
    type: async (text) => void lines.push(`out: ${text}`),
    note: (text) => void lines.push(`err: ${text}`),
    live: false,
    columns: undefined,
    write: () => undefined,
    isTerminal: false,
    bar: "| ",
    show: () => undefined,
    refresh: () => undefined,
    whileAsked: (ask) => ask(),
    rest: () => undefined,
  };
  const listen = consoleListener(screen, { aiName: "Ann", run: "r", journal, palette: createPalette(0), quiet });
  for (const [index, event] of events.entries())
    await listen({ seq: index + 1, time: "2026-11-23T00:00:00.000Z", ...event });
  return lines;
}

test("a command that was asked about is shown once, before the question, with its effect", async () => {
  const lines = await shown([
    { type: "command-asked", step: 1, command, effect: "writes" },
    { type: "command-start", step: 1, command },
    { type: "command-start", step: 2, command, effect: "writes" },
  ]);
  const action = `out: NEXT ACTION: ${literalCommand(command)}`;
  assert.deepEqual(lines, [`${action}  (writes)`, `${action}  (writes)`]);
  assert.equal(literalCommand(command), 'COMMAND = write_to_file  ARGUMENTS = {"file":"a.txt","text":"b"}');
});

test("only thoughts that are there are shown, and a plan line by line", async () => {
  const lines = await shown([{ type: "reply-parsed", step: 1, command, problem: null, thoughts }]);
  assert.deepEqual(lines, ["out: ANN THOUGHTS: T", "out: PLAN:", "out: -  one", "out: -  two"]);
});

test("where records take the place of text, only retries are noted", async () => {
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  const lines = await shown(
    [
      { type: "reply-parsed", step: 1, command, problem: "bad", thoughts },
      { type: "model-retry", step: 1, attempt: 1, waitMs: 1_500, problem: "busy\u001b[2J.", usage, costUsd: 0 },
      { type: "command-start", step: 1, command },
    ],
    true,
  );
  assert.deepEqual(lines, ["err: The model's server: busy\\u001b[2J. Trying again in 1.5 s."]);
});

test("a failed attempt that may be billed says what it counts for", async () => {
  const usage = { promptTokens: 900, cachedTokens: 0, completionTokens: 4000, estimated: true } as const;
  const retry = { type: "model-retry", step: 1, attempt: 1, waitMs: 1_500, problem: "It is down.", usage } as const;
  assert.deepEqual(await shown([{ ...retry, costUsd: 0.0213 }]), [
    "err: The model's server: It is down. It may be billed, so it counts in full: $0.0213. Trying again in 1.5 s.",
  ]);
});

test("the last line says what part of the prompts was read from a cache, and whether some of the cost is estimated", async () => {
  const end = { run: "r", reason: "limit-steps", exitCode: 5, steps: 2, goals: [], durationMs: 0 } as const;
  const usage = { ...emptyTotals(), promptTokens: 1000, cachedTokens: 905, requests: 2, costUsd: 0.01 };
  const last = async (more: object) =>
    (await shown([{ type: "run-end", ...end, goals: [], usage: { ...usage, ...more } }])).find((line) =>
      line.includes("SYSTEM"),
    );
  assert.match((await last({})) ?? "", /1000 tokens \(91 % of what was sent from the server's cache\), \$0\.0100, /);
  assert.match(
    (await last({ cachedTokens: 0, estimated: true })) ?? "",
    /1000 tokens, \$0\.0100 \(part of it estimated\), /,
  );
});

const parsed = { type: "reply-parsed", command: null, thoughts: { ...thoughts, text: "", plan: "- one" } } as const;
const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

test("a plan is shown again only when it has changed", async () => {
  const lines = await shown([
    { ...parsed, step: 1, problem: null },
    { ...parsed, step: 2, problem: null },
    { ...parsed, step: 3, problem: null, thoughts: { ...thoughts, text: "", plan: "- two" } },
  ]);
  assert.deepEqual(lines, ["out: PLAN:", "out: -  one", "out: PLAN:", "out: -  two"]);
});

test("of a reply that cannot be used its beginning is shown, escaped, and what might help once", async () => {
  const text = "Sure!\u001b[2J I write.\n2\n3\n4\n5";
  const none = { ...thoughts, text: "", plan: "" };
  const unusable = (step: number): AgentEvent[] => [
    { type: "model-replied", step, purpose: "think", text, usage, costUsd: 0 },
    { ...parsed, step, problem: "No JSON.", thoughts: none },
    {
      type: "step-end",
      step,
      command: null,
      outcome: "not-understood",
      result: { ok: false, text: "Your last reply could not be used." },
      totals: emptyTotals(),
    },
  ];
  const all = await shown([...unusable(1), ...unusable(2)]);
  const lines = all.filter((line) => line.startsWith("err"));
  assert.equal(all.length, lines.length + 2, "where standard output goes elsewhere, it has what the model is told");
  const said = ["err: The reply could not be used: No JSON.", "err: It begins: Sure!\\u001b[2J I write.\n2\n3\n4 …"];
  assert.deepEqual([lines.slice(0, 2), lines.slice(3)], [said, said]);
  assert.match(lines[2] ?? "", /doctor --model.*SMART_LLM_MODEL/);
});

test("a failure that repeats is told once in full, then by its number, and last how often was tried", async () => {
  const retry = {
    type: "model-retry",
    step: 1,
    attempt: 1,
    waitMs: 1_500,
    problem: "It is down.",
    usage,
    costUsd: 0,
  } as const;
  const lines = await shown([
    retry,
    retry,
    retry,
    { type: "model-replied", step: 1, purpose: "think", usage, costUsd: 0 },
  ]);
  assert.deepEqual(lines, [
    "err: The model's server: It is down. Trying again in 1.5 s.",
    "err: The model's server: the same again, after 2 tries. Trying again in 1.5 s.",
    "err: The model's server: the same again, after 3 tries. Trying again in 1.5 s.",
    "err: The model's server answered after 4 tries.",
  ]);
});

test("the end is told in words, in the singular where it is one, and without a price that is not known", async () => {
  const end = {
    type: "run-end",
    run: "r",
    reason: "task-complete",
    exitCode: 0,
    steps: 1,
    goals: [],
    durationMs: 0,
  } as const;
  const used = { ...emptyTotals(), promptTokens: 1, requests: 1, unpriced: true } as const;
  assert.equal(
    (await shown([{ ...end, goals: [], usage: used }]))[0],
    "out: SYSTEM: The task is complete. 1 step, 1 request, 1 token, price not known, 0.0 s.",
  );
});

test("where nothing was done the goals are left out", async () => {
  const end = { type: "run-end", run: null, reason: "service-failed", exitCode: 7, steps: 0, durationMs: 0 } as const;
  const goals = [{ goal: "g", verdict: "open", evidence: null }] as const;
  const lines = await shown([{ ...end, goals, usage: emptyTotals() }]);
  assert.ok(
    lines.every((line) => !line.includes("GOAL")),
    lines.join("\n"),
  );
});

test("a journal's place is shown without control characters", async () => {
  const end = { run: "r", reason: "user-stopped", exitCode: 4, steps: 0, goals: [], durationMs: 0 } as const;
  const event = { type: "run-end", ...end, goals: [], usage: emptyTotals() } as const;
  const lines = await shown([event], false, "/tmp/a\u001b[2J\nb");
  assert.equal(lines.at(-1), "out: Journal: /tmp/a\\u001b[2J\\nb");
});
