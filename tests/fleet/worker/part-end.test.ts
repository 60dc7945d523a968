import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunStatus } from "../../../src/fleet/store/run-store.js";
import { inFleetWords } from "../../../src/fleet/worker/fleet-words.js";
import { afterPart, type HowEnded } from "../../../src/fleet/worker/part-end.js";
import type { ChildEnd } from "../../../src/fleet/worker/run-child.js";

const before: RunStatus = { state: "running", since: "2026-11-30T00:00:00.000Z", steps: 2, costUsd: 0.1, kills: 0 };
const usual: HowEnded = { wanted: false, isStopping: false, refused: null, asks: 0, endsRefusedKey: false };

/** What becomes of a run whose process ended so, in a few words. */
function become(child: Partial<ChildEnd>, how: Partial<HowEnded> = {}, status: Partial<RunStatus> = {}): unknown[] {
  const ended = { exitCode: null, signal: null, words: "", ...child };
  const { end, status: after } = afterPart({ ...before, ...status }, ended, { ...usual, ...how });
  return [end.kind === "again" ? end.afterMs : end.kind, after.state, after.exitCode ?? null, after.kills];
}

test("what becomes of a run follows from how its process ended, and from what its worker was told", () => {
  assert.deepEqual(become({ exitCode: 143 }, { isStopping: true }), [0, "waiting", null, 0]);
  assert.deepEqual(become({ exitCode: 0 }, { isStopping: true }), ["ended", "ended", 0, 0]);
  assert.deepEqual(become({ exitCode: 143 }, { wanted: true }), ["cancelled", "cancelled", null, 0]);
  assert.deepEqual(become({ exitCode: 75 }), [300_000, "parked", null, 0]);
  assert.deepEqual(become({ exitCode: 75 }, { asks: 1 }), [300_000, "parked", null, 0]);
  assert.deepEqual(become({ exitCode: 5 }, { refused: 1e9 }, { reason: "limit-cost" }), [30_000, "parked", null, 0]);
  assert.deepEqual(become({ exitCode: 5 }, {}, { reason: "limit-cost" }), ["ended", "ended", 5, 0]);
  for (const failure of ["rate-limit", "server-fault", "no-connection", "timeout", "spent-quota", "wrong-key"])
    assert.deepEqual(become({ exitCode: 7 }, {}, { failure }), [300_000, "parked", null, 0], failure);
  for (const failure of ["refused", "unknown-model", "context-too-long"])
    assert.deepEqual(become({ exitCode: 7 }, {}, { failure }), ["ended", "ended", 7, 0], failure);
  const ends = { endsRefusedKey: true };
  assert.deepEqual(become({ exitCode: 7 }, ends, { failure: "wrong-key" }), ["ended", "ended", 7, 0]);
  assert.deepEqual(become({ exitCode: 4, words: "no more" }), ["ended", "ended", 4, 0]);
});

test("a run whose process is killed goes on three times in one step, and then has ended", () => {
  const killed = { signal: "SIGKILL" } as const;
  assert.deepEqual(become(killed), [5_000, "waiting", null, 1]);
  assert.deepEqual(become(killed, {}, { kills: 2 }), [5_000, "waiting", null, 3]);
  assert.deepEqual(become(killed, {}, { kills: 3 }), ["ended", "ended", 1, 3]);
});

test("what a process has said last is why it ended, and not which modes it was in", () => {
  const message = (words: string): string | undefined =>
    afterPart(before, { exitCode: 2, signal: null, words }, usual).status.message;
  const notices = "Continuous Mode: ENABLED\nContinuous Limit: 5\nWARNING: Continuous mode runs every command.\n";
  assert.equal(message(`${notices}MODEL is wrong.\nCorrect it.\n`), "MODEL is wrong.\nCorrect it.");
  assert.equal(message("MODEL is wrong.\n"), "MODEL is wrong.");
  assert.equal(message(notices), notices.trim());
});

test("how an earlier part ended is no reason of one that could not go on", () => {
  const parked = { ...before, exitCode: 75, reason: "question", message: "It asks." };
  const child = { exitCode: 2, signal: null, words: "MODEL is wrong.\n" };
  const { status } = afterPart(parked, child, usual);
  assert.deepEqual([status.exitCode, status.reason, status.message], [2, undefined, "MODEL is wrong."]);
  const told = afterPart({ ...parked, exitCode: 2 }, child, usual).status;
  assert.equal(told.message, "It asks.", "its journal has said why");
});

test("a message names what goes on with a run of a fleet", () => {
  const run = "20261130-000000-000-abcd";
  const told = (message: string): string | undefined => inFleetWords({ ...before, message }, run).message;
  assert.equal(
    told('It does not answer. To go on later, run "node /srv/autogpt/bin/autogpt.js --resume".'),
    `It does not answer. To go on later, run "autogpt fleet retry ${run}".`,
  );
  assert.equal(told(`npx autogpt --resume ${run} goes on.`), `autogpt fleet retry ${run} goes on.`);
  assert.equal(
    told('It has used $1. To go on, run "autogpt --resume" with a higher --max-cost.'),
    "It has used $1. A run of a fleet keeps its limits: put in another one with a higher --max-cost.",
  );
  assert.equal(
    told("The run has used up its 5 seconds. autogpt --resume --max-time goes on with more."),
    "The run has used up its 5 seconds. A run of a fleet keeps its limits: put in another one with a higher --max-time.",
  );
  const plain = { ...before, message: "Done." };
  assert.equal(inFleetWords(plain, run), plain);
});
