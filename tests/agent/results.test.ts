import assert from "node:assert/strict";
import { test } from "node:test";
import { failedCommand } from "../../src/agent/results.js";
import { BudgetError, SettingsError } from "../../src/errors.js";
import { createSubagents } from "../../src/subagents/subagents.js";
import { ask, runOn, serve } from "../model/compose.js";
import { errorBody } from "../support/services/fake-open-ai.js";

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => assert.fail("expected a failure"),
    (thrown: unknown) => thrown,
  );

for (const [what, fault] of [
  ["is down", { status: 503, body: "" }],
  ["has no credit left", { status: 429, body: errorBody("spent", "insufficient_quota") }],
] as const) {
  test(`a command whose model ${what} tells the model what failed, and nothing of going on later`, async (t) => {
    const server = await serve(t, { faults: () => fault });
    const subagents = createSubagents({
      ...{ model: runOn(server.url, { retry: { retries: 1 } }).chat, emit: () => Promise.resolve() },
      ...{ contextTokens: 4_000, answerTokens: 500, countTokens: () => 10 },
    });
    const { ok, text } = failedCommand(await failureOf(subagents.create("a", "b", "c", ask())));
    assert.equal(ok, false);
    assert.match(text, /^Error: .*http:\/\/127\.0\.0\.1/);
    assert.doesNotMatch(text, /--resume/);
  });
}

test("a command that no longer fits into a limit tells the model so, and nothing of raising it", async (t) => {
  const server = await serve(t, { chat: () => "ok" });
  const thrown = await failureOf(runOn(server.url, { limits: { costUsd: 0.000001 } }).chat.send(ask()));
  assert.ok(thrown instanceof BudgetError);
  const { text } = failedCommand(thrown);
  assert.match(text, /^Error: The cost limit of \$/);
  assert.doesNotMatch(text, /--resume/);
});

test("what concerns settings is no result of a command", () => {
  assert.throws(() => failedCommand(new SettingsError("no")), SettingsError);
});
