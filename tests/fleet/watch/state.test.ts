import assert from "node:assert/strict";
import { test } from "node:test";
import { stateOf } from "../../../src/subcommands/fleet/fleet-view.js";
import { ageFrom } from "../../../src/subcommands/runs/remove.js";
import type { ListedRun, RunStatus } from "../../../src/fleet/store/run-store.js";

const order = { settings: "", begin: [], resume: [], after: [], priority: 100, tags: [] };
const status = { state: "waiting", since: "2026-11-30T00:00:00.000Z", steps: 0, costUsd: 0, kills: 0 } as const;
const told = (more: Partial<ListedRun["order"]>, how: Partial<RunStatus> = {}): string =>
  stateOf({ order: { ...order, ...more }, status: { ...status, ...how } }, Date.parse("2026-12-01T00:00:00Z"));

test("beside the state of a run stands what it waits for, or why it ended", () => {
  assert.equal(told({}), "waiting");
  assert.match(told({ at: "2026-12-02T07:30:00.000Z" }), /^waiting \(at 2026-12-0[1-3] \d\d:\d\d GMT[+-]\d\d:\d\d\)$/);
  assert.equal(told({ at: "2026-11-30T07:30:00.000Z" }), "waiting", "its time has come");
  assert.equal(told({ after: ["a", "b"], priority: 5 }), "waiting (after a and 1 more, priority 5)");
  assert.equal(told({ at: "2026-12-02T07:30:00.000Z" }, { state: "running" }), "running");
  assert.equal(told({}, { state: "parked", asks: 1 }), "parked (asks)");
  assert.equal(told({}, { state: "ended", exitCode: 5, reason: "limit-cost" }), "ended (5, limit-cost)");
});

test("an age has hours, days or weeks: a minute could be meant as a month", () => {
  assert.equal(ageFrom("12h"), 43_200_000);
  for (const text of ["1m", "30", "d", "1y"])
    assert.throws(() => ageFrom(text), /must be an age such as 12h, 30d or 4w/);
});
