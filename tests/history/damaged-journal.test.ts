import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { AgentEvent } from "../../src/history/events.js";
import { createEmitter } from "../../src/history/emit.js";
import { readRun } from "../../src/history/read-run.js";
import { journalFile, openRunLog } from "../../src/history/run-log.js";
import { long, temporaryFolder } from "../support/program.js";
import { runStart } from "./run-start.js";

const usage = { promptTokens: 100, cachedTokens: 10, completionTokens: 20 };
const totals = { ...usage, embeddingTokens: 0, requests: 1, costUsd: 0.01 };
const command = { name: "append_to_file", args: { file: "Übung.txt", text: 'one\n"two" 😀' } };
const events: AgentEvent[] = [
  runStart({
    run: "20261128-061500-000-abcd",
    version: "0.1.0",
    goals: ["G", { goal: "H", checks: [{ file_exists: "h" }] }],
    limits: { steps: 5, costUsd: null, tokens: null, seconds: 60 },
  }),
  { type: "model-requested", step: 1, purpose: "think", model: "s", reservedUsd: 0.5, reservedTokens: 4_100 },
  { type: "model-replied", step: 1, purpose: "think", text: "reply", finishReason: "stop", usage, costUsd: 0.01 },
  { type: "command-start", step: 1, command },
  { type: "step-end", step: 1, command, outcome: "ran", result: { ok: true, text: "done" }, totals },
  { type: "step-remembered", step: 1 },
  {
    type: "run-end",
    run: "20261128-061500-000-abcd",
    reason: "limit-steps",
    exitCode: 5,
    steps: 1,
    goals: [],
    usage: totals,
    durationMs: 1,
  },
];

test("a journal in which any one bit was changed is not read", async (t) => {
  const folder = await temporaryFolder(t);
  const log = openRunLog(folder);
  const emit = createEmitter({
    ...{ nextSeq: 1, mask: (value) => value, elapsedMs: () => 7 },
    write: log.write,
    listeners: [],
  });
  for (const event of events) await emit(event);
  log.close();
  const bytes = await readFile(journalFile(folder));
  assert.equal((await readRun(folder)).steps.length, 1);

  const damaged = join(folder, "damaged");
  await mkdir(damaged);
  // 21 has no divisor in common with 8, so every place of a bit in its byte comes up; the last byte has them all.
  const bits = Array.from({ length: bytes.length * 8 }, (_, bit) => bit).filter(
    (bit) => long || bit % 21 === 0 || bit >= (bytes.length - 1) * 8,
  );
  for (const bit of bits) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await writeFile(journalFile(damaged), flipped);
    await assert.rejects(readRun(damaged), `bit ${bit & 7} of byte ${bit >> 3}`);
  }
  t.diagnostic(`${bits.length} bits of ${bytes.length * 8}`);
});
