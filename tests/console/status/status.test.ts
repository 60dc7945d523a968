import assert from "node:assert/strict";
import { test } from "node:test";
import stringWidth from "string-width";
import { fold } from "../../../src/console/text/fold.js";
import { createOutputTail } from "../../../src/console/status/output-tail.js";
import { createProgress } from "../../../src/console/status/progress.js";
import { statusLine } from "../../../src/console/status/status-line.js";
import type { RunLimits } from "../../../src/history/event-parts.js";
import type { AgentEvent } from "../../../src/history/events.js";
import { emptyTotals, noUsage } from "../../../src/history/totals.js";

const noLimits: RunLimits = { steps: null, costUsd: null, tokens: null, seconds: null };
const check = { file_exists: "a" };

function progress(
  limits = noLimits,
  goals = [
    { goal: "g", checks: [check] },
    { goal: "h", checks: [check] },
  ],
) {
  const clock = { ms: 0 };
  const made = createProgress({ limits, goals, spent: null, now: () => clock.ms });
  const hear = (event: AgentEvent, elapsedMs = clock.ms): void =>
    made.hear({ seq: 1, time: "2026-11-28T00:00:00.000Z", elapsedMs, ...event });
  return { ...made, clock, hear, line: (columns = 200) => statusLine(made.view(), columns) };
}

const usage = { promptTokens: 1_000, cachedTokens: 0, completionTokens: 234 };
const asked = {
  type: "model-requested",
  step: 3,
  purpose: "think",
  model: "m",
  reservedUsd: 0,
  reservedTokens: 1,
} as const;

test("the line says the step, what is waited for and for how long, what was used and is left, and the goals", () => {
  const { hear, clock, line, grant, judged } = progress({ steps: 20, costUsd: 1.5, tokens: 50_000, seconds: 600 });
  grant(5);
  hear({ type: "command-start", step: 2, command: { name: "read_file", args: {} } });
  hear(asked);
  clock.ms = 12_400;
  judged([{ verdict: "proven" }, { verdict: "failed" }]);
  assert.equal(
    line(),
    "step 3 of 20 · thinking 12 s · run 12 s of 10 min · 0 of 50.0k tokens · $0.0000 of $1.5 · y -4 left · 1 of 2 goals · Ctrl-C stops the step",
  );
  hear({ type: "model-retry", step: 3, attempt: 1, waitMs: 40_000, problem: "busy", usage, costUsd: 0.25 });
  clock.ms += 5_000;
  assert.match(
    line(),
    /waiting for the server, 5 s of 40 s · run 17 s of 10 min · 1\.2k of 50\.0k tokens · \$0\.2500 of \$1\.5/,
  );
});

test("behind a request of a command, the command is what is waited for again", () => {
  const { hear, clock, line } = progress();
  hear({ type: "command-start", step: 1, command: { name: "google", args: {} } });
  clock.ms = 4_000;
  hear({ ...asked, step: 1, purpose: "summary" });
  assert.match(line(), /summarizing 0 s/);
  hear({ type: "model-replied", step: 1, purpose: "summary", usage, costUsd: 0 });
  assert.match(line(), /running google 4 s/);
});

test("what the step before leaves for memory changes neither the step nor what is waited for, and counts as what it is", () => {
  const { hear, clock, line, view } = progress();
  hear(asked);
  clock.ms = 7_000;
  hear({ ...asked, step: 2, purpose: "embedding" });
  hear({ type: "model-retry", step: 2, attempt: 1, waitMs: 60_000, problem: "busy", usage: noUsage, costUsd: 0 });
  hear({ ...asked, step: 2, purpose: "embedding" });
  hear({ type: "model-replied", step: 2, purpose: "embedding", usage: { ...usage, completionTokens: 0 }, costUsd: 0 });
  hear({ type: "step-remembered", step: 2 });
  assert.match(line(), /^step 3.*thinking 7 s/);
  assert.deepEqual([view().totals.embeddingTokens, view().totals.promptTokens], [1_000, 0]);
  hear({ type: "model-replied", step: 3, purpose: "think", usage, costUsd: 0 });
  assert.deepEqual([view().totals.embeddingTokens, view().totals.promptTokens], [1_000, 1_000]);
});

test("a price that is not known is no number, and totals of the step's end are taken as they are", () => {
  const { hear, line } = progress();
  hear({ ...asked, unpriced: true });
  assert.match(line(), /price not known/);
  const totals = { ...emptyTotals(), promptTokens: 5, costUsd: 0.5, unpriced: true } as const;
  hear({ type: "step-end", step: 3, command: null, outcome: "ran", result: { ok: true, text: "" }, totals });
  assert.match(line(), /5 tokens · at least \$0\.5000/);
});

test("goals that were reached before the first step are counted from their checks", () => {
  const { hear, line } = progress();
  const found = { check: "file_exists a", found: "it is there" };
  hear({
    type: "goals-checked",
    checks: [
      { ...found, passed: true },
      { ...found, passed: false },
    ],
    files: [],
  });
  assert.match(line(), /1 of 2 goals/);
});

test("at any width the line fits, and what matters most stays", () => {
  const { hear, line } = progress();
  hear({ type: "command-start", step: 12, command: { name: "漢字\u001b[2J", args: {} } });
  for (let columns = 1; columns < 130; columns++) assert.ok(stringWidth(line(columns)) <= columns, line(columns));
  assert.match(line(40), /^step 12 · running 漢字/);
  const other = progress();
  other.hear({ type: "command-start", step: 5, command: { name: "execute_python_file", args: {} } });
  assert.equal(other.line(79), "step 5 · running execute_python_file 0 s · run 0 s · 0 tokens · $0.0000");
  const limited = progress({ steps: null, costUsd: null, tokens: 200_000, seconds: null });
  limited.hear({ type: "command-start", step: 5, command: { name: "execute_python_file", args: {} } });
  // What does not fit leaves its room to what is shorter, though it matters less.
  assert.equal(limited.line(76), "step 5 · running execute_python_file 0 s · run 0 s · $0.0000 · 0 of 2 goals");
});

test("of what a command writes the newest lines are seen, as a terminal would show them, secrets masked", () => {
  const tail = createOutputTail((text) => text.replaceAll("sk-secret", "[secret]"));
  for (const piece of ["one\n", "10 %\r20 %\r3", "0 %\n", "\u001b[31mred\u001b[0m sk-sec", "ret\u0007\n"])
    tail.add(piece);
  assert.deepEqual(
    tail.lines(2),
    ["30 %", "red [secret]"].map((line) => (line.startsWith("red") ? `${line}\\u0007` : line)),
  );
  tail.clear();
  assert.deepEqual(tail.lines(2), []);
});

test("a long text is folded to its beginning and end, with its size and where the whole is", () => {
  const text = Array.from({ length: 85 }, (_, index) => `line ${index + 1}`).join("\n");
  const folded = fold(text, 60, "autogpt runs show r --step 2").split("\n");
  assert.equal(folded.length, 12);
  assert.equal(folded[7], `… 74 more lines, ${text.length} characters in all: autogpt runs show r --step 2`);
  assert.deepEqual([folded[0], folded.at(-1)], ["line 1", "line 85"]);
  assert.equal(fold("short\ntext", 60, ""), "short\ntext");
  assert.ok(fold("x".repeat(100_000), 60, "there").length < 2_000);
});
