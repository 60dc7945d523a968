import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import type { AgentEvent } from "../../src/history/events.js";
import { readEvents } from "../../src/history/read-events.js";
import { reportIn, reportOf } from "../../src/history/report/run-report.js";
import { journalFile } from "../../src/history/run-log.js";
import { runDirectory } from "../../src/history/runs.js";
import { temporaryFolder } from "../support/program.js";
import { runStart } from "./run-start.js";

const usage = { promptTokens: 100, cachedTokens: 10, completionTokens: 20 };
const totals = { ...usage, embeddingTokens: 0, requests: 1, costUsd: 0.01 };
const thoughts = { text: "", reasoning: "", plan: "", criticism: "", speak: "" };

/** Steps that write files and are refused in turn. */
function step(number: number): AgentEvent[] {
  const command = { name: "write_to_file", args: { file: `${number}.txt`, text: "x" } };
  const request = { step: number, purpose: "think", model: number % 3 === 0 ? "s" : "f" } as const;
  const refused = number % 4 === 0;
  return [
    { type: "model-requested", ...request, reservedUsd: 0.5, reservedTokens: 4_100 },
    {
      type: "model-replied",
      ...{ step: number, purpose: "think", text: `reply ${number}`, finishReason: "stop", usage, costUsd: 0.01 },
    },
    { type: "reply-parsed", step: number, command, problem: null, thoughts: { ...thoughts, text: `${number}` } },
    ...(refused ? [] : [{ type: "command-start", step: number, command } as const]),
    {
      type: "step-end",
      ...{ step: number, command, outcome: refused ? "refused" : "ran", totals },
      result: { ok: !refused, text: `Command write_to_file returned: no ${number}`, changed: !refused },
    },
  ];
}

test("a report with its last steps alone says the same of the run as a whole, whoever has read the journal", async (t) => {
  const home = await temporaryFolder(t);
  const events = [runStart(), ...Array.from({ length: 17 }, (_, index) => step(index + 1)).flat()];
  const file = journalFile(runDirectory(home, "r"));
  await mkdir(dirname(file), { recursive: true });
  const time = (index: number): string => new Date(Date.UTC(2026, 10, 23) + index * 1_000).toISOString();
  await writeFile(
    file,
    events.map((event, index) => `${JSON.stringify({ seq: index + 1, time: time(index), ...event })}\n`).join(""),
  );

  const whole = await reportOf(home, "r");
  assert.deepEqual(whole, await reportIn(home, "r", await readEvents(file)));
  assert.deepEqual(
    whole.reportedSteps.map(({ step: number, durationMs, thoughts: thought }) => [number, durationMs, thought?.text]),
    events.flatMap((event) =>
      event.type === "step-end" ? [[event.step, event.outcome === "ran" ? 1_000 : null, `${event.step}`]] : [],
    ),
  );
  assert.deepEqual(
    whole.refusals.map(({ step: number, reason }) => [number, reason]),
    [4, 8, 12, 16].map((number) => [number, `no ${number}`]),
  );
  assert.equal(whole.files.changed.length, 13);
  assert.deepEqual(
    whole.spending.map(({ model, totals: { requests } }) => [model, requests]),
    [
      ["f", 12],
      ["s", 5],
    ],
  );

  for (const lastSteps of [1, 3, 17, 100])
    assert.deepEqual(await reportOf(home, "r", { lastSteps }), {
      ...whole,
      reportedSteps: whole.reportedSteps.slice(-lastSteps),
    });
});
