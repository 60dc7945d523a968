import assert from "node:assert/strict";
import { test } from "node:test";
import { failedCommand } from "../../src/agent/results.js";
import { exitCodeOf, reasonForFailure, reasonToStop } from "../../src/agent/stop.js";
import { allCommands, commandMap } from "../../src/commands/index.js";
import { BudgetError, ModelError, RunError, SettingsError, type StopReason } from "../../src/errors.js";
import type { Step } from "../../src/history/events.js";
import type { Outcome } from "../../src/history/event-parts.js";

const commands = commandMap(allCommands);
type Kind = "good" | "changed" | "refused" | "refused-alike" | "not-understood" | "not-runnable" | "feedback" | "done";
const stepOf = (kind: Kind, index: number): Step => {
  const outcome: Outcome = kind === "not-understood" || kind === "not-runnable" || kind === "feedback" ? kind : "ran";
  const isRefused = kind === "refused" || kind === "refused-alike";
  const name = isRefused || kind === "done" ? "task_complete" : "write_to_file";
  return {
    step: index + 1,
    text: "",
    command: kind === "not-understood" ? null : { name, args: {} },
    outcome,
    result: {
      ok: !isRefused,
      text: kind === "refused" ? `Error: reason ${"x".repeat(index)}` : "took 0.3 s",
      ...(kind === "changed" ? { changed: true } : {}),
      ...(kind === "done" ? { stop: "task-complete" as const } : {}),
    },
  };
};
const times = (count: number, kind: Kind): Kind[] => Array<Kind>(count).fill(kind);
const stop = (kinds: Kind[], since = 0, limit: number | null = null, signal = new AbortController().signal) =>
  reasonToStop(kinds.map(stepOf), since, limit, commands, signal);

test("five replies in a row that cannot be understood end the run; anything else in between starts anew", () => {
  assert.equal(stop(times(4, "not-understood")), null);
  assert.equal(stop(times(5, "not-understood")), "bad-replies");
  assert.equal(stop([...times(4, "not-understood"), "not-runnable", ...times(4, "not-understood")]), null);
  assert.equal(stop([...times(4, "not-understood"), "feedback", "not-understood"]), null);
});

test("ten replies in a row that cannot run end it, of whichever kind", () => {
  assert.equal(stop(times(9, "not-runnable")), null);
  assert.equal(stop(times(10, "not-runnable")), "bad-replies");
  assert.equal(
    stop([...times(4, "not-understood"), ...times(2, "not-runnable"), ...times(4, "not-understood")]),
    "bad-replies",
  );
  assert.equal(stop([...times(5, "not-runnable"), "good", ...times(5, "not-runnable")]), null);
});

test("five refused claims without a change of a file in between block the run; other commands do not help", () => {
  assert.equal(stop(times(4, "refused")), null);
  assert.equal(stop(times(5, "refused")), "blocked");
  assert.equal(stop([...times(3, "refused"), "good", "not-runnable", ...times(2, "refused")]), "blocked");
  assert.equal(stop([...times(4, "refused"), "changed", ...times(4, "refused")]), null);
});

test("three claims that are refused for the same reason block the run, whatever is done in between that changes nothing", () => {
  assert.equal(stop(times(2, "refused-alike")), null);
  assert.equal(stop(times(3, "refused-alike")), "blocked");
  assert.equal(stop(["refused-alike", "good", "refused-alike", "feedback", "refused-alike"]), "blocked");
  assert.equal(stop(["refused-alike", "refused-alike", "changed", "refused-alike", "refused-alike"]), null);
  assert.equal(stop(["refused-alike", "refused-alike", "refused", "refused-alike"]), null);
});

test("a finished task ends the run before any limit; steps count over the whole run", () => {
  assert.equal(stop(["good", "done"], 0, 2), "task-complete");
  assert.equal(stop(["good", "good"], 0, 2), "limit-steps");
  assert.equal(stop(["good", "good"], 1, 2), "limit-steps");
  assert.equal(stop(["good"], 0, 2), null);
  assert.equal(stop([], 0, null), null);
});

test("mistakes of before a resume do not count", () => {
  assert.equal(stop(times(5, "not-understood"), 5), null);
  assert.equal(stop(times(9, "not-understood"), 5), null);
  assert.equal(stop(times(10, "refused"), 5), "blocked");
  assert.equal(stop(["done"], 1), null);
});

test("an interruption ends the run with its own reason", () => {
  for (const reason of ["interrupted", "terminated", "limit-time"] as const) {
    const controller = new AbortController();
    controller.abort(new RunError(reason, "x"));
    assert.equal(stop(["good"], 0, null, controller.signal), reason);
  }
});

test("each reason has the contract's exit code", () => {
  const codes: [StopReason, number][] = [
    ["task-complete", 0],
    ["fault", 1],
    ["settings", 2],
    ["user-stopped", 4],
    ["blocked", 4],
    ["bad-replies", 4],
    ["limit-steps", 5],
    ["limit-cost", 5],
    ["limit-tokens", 5],
    ["limit-time", 5],
    ["service-failed", 7],
    ["parked", 75],
    ["interrupted", 130],
    ["terminated", 143],
  ];
  for (const [reason, code] of codes) {
    assert.equal(exitCodeOf(reason), code, reason);
    assert.equal(exitCodeOf(reason, true), reason === "task-complete" ? 3 : code, reason);
  }
});

test("what a person can do about a failure is said at the end of the run, and not to the model", () => {
  const failure = new ModelError("wrong-key", "The key is not accepted.", { advice: "Check OPENAI_API_KEY." });
  assert.equal(failedCommand(failure).text, "Error: The key is not accepted.");
  assert.equal(reasonForFailure(failure).message, "The key is not accepted. Check OPENAI_API_KEY.");
});

test("our own errors end the run with their reason, anything else is a fault of this program", () => {
  assert.equal(reasonForFailure(new SettingsError("s")).reason, "settings");
  assert.equal(reasonForFailure(new ModelError("timeout", "m")).reason, "service-failed");
  assert.equal(reasonForFailure(new BudgetError("limit-tokens", "b")).reason, "limit-tokens");
  for (const thrown of [new TypeError("oops"), "oops"]) {
    const { reason, message } = reasonForFailure(thrown);
    assert.equal(reason, "fault");
    assert.match(message, /A fault of this program: oops/);
  }
});

test("a list that grows is answered as a whole one is, and no step before the last few is looked at again", () => {
  const kinds: Kind[] = [
    ...times(4, "refused"),
    "changed",
    ...times(2, "refused-alike"),
    "good",
    "refused-alike",
    ...times(40, "good"),
    ...times(4, "refused"),
  ];
  const { signal } = new AbortController();
  const steps: Step[] = [];
  let looks = 0;
  for (const [index, kind] of kinds.entries()) {
    const step = stepOf(kind, index);
    const { result } = step;
    const old = Object.defineProperty({ ...step }, "result", { enumerable: true, get: () => ((looks += 1), result) });
    steps.push(old);
    assert.equal(reasonToStop(steps, 1, null, commands, signal), stop(kinds.slice(0, index + 1), 1), `${index}`);
  }
  assert.ok(looks <= 3 * kinds.length, `${looks} looks`);
});
