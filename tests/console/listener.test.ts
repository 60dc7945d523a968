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

/** What a listener shows for these events, in order: `out:`, `err:`, and `wait`. */
async function shown(events: readonly AgentEvent[], quiet = false, journal = "/j"): Promise<string[]> {
  const lines: string[] = [];
  const screen: Screen = {
    print: (text) => void lines.push(`out: ${text}`),
    type: async (text) => void lines.push(`out: ${text}`),
    note: (text) => void lines.push(`err: ${text}`),
    live: false,
    watched: false,
    columns: undefined,
    write: () => undefined,
    wait: () => void lines.push("wait"),
    rest: () => undefined,
  };
  const listen = consoleListener(screen, { aiName: "Ann", journal, palette: createPalette(false), quiet });
  for (const [index, event] of events.entries())
    await listen({ seq: index + 1, time: "2026-11-23T00:00:00.000Z", ...event });
  return lines;
}

test("a command that was asked about is shown once, before the question, with its effect", async () => {
  const lines = await shown([
    { type: "command-asked", step: 1, command, effect: "writes" },
    { type: "command-start", step: 1, command },
    { type: "command-start", step: 2, command },
  ]);
  const action = `out: NEXT ACTION: ${literalCommand(command)}`;
  assert.deepEqual(lines, [`${action}  (writes)`, action]);
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

test("while the model is asked something shows that it goes on", async () => {
  const request = {
    type: "model-requested",
    step: 1,
    purpose: "think",
    model: "m",
    reservedUsd: 0,
    reservedTokens: 1,
  } as const;
  assert.deepEqual(await shown([request]), ["wait"]);
});

test("a journal's place is shown without control characters", async () => {
  const end = { run: "r", reason: "user-stopped", exitCode: 4, steps: 0, goals: [], durationMs: 0 } as const;
  const event = { type: "run-end", ...end, goals: [], usage: emptyTotals() } as const;
  const lines = await shown([event], false, "/tmp/a\u001b[2J\nb");
  assert.equal(lines.at(-1), "out: Journal: /tmp/a\\u001b[2J\\nb");
});
