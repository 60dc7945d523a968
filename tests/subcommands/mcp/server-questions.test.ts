import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { eventsOfType, repository } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { serveWorld } from "./serve-world.js";

const program = join(repository, "tests", "end-to-end", "mcp", "asking-server.mjs");

test("another agent sees what an MCP server asks, and answers it; the run goes on once all is answered", async (t) => {
  const ask = reply("test.ask", { topics: ["tea", "rum"] });
  const done = reply("task_complete", { reason: "Done." });
  const named = { test: { command: process.execPath, args: [program] } };
  const world = await serveWorld(t, [ask, ask, ask, done], {
    ai: { more: `mcpServers: ${JSON.stringify(named)}\napprove: { "test.*": always, task_complete: always }\n` },
    given: ["--trust-extensions"],
  });
  const { status: first, error: refused } = await world.call("run_goal", { goal: "Ask", wait_seconds: 60 });
  assert.deepEqual([first.state, first.waits_for], ["waiting", null], refused ?? "");
  assert.deepEqual(
    first.server_questions.map(({ tool, message, args }) => [tool, message, args]),
    [["test.ask", "What about tea?", { topics: ["tea", "rum"] }]],
  );
  assert.match(first.next, /accept with values, decline or cancel/);
  const { run } = first;
  const answer = (more: object) => world.call("answer_question", { run, wait_seconds: 60, ...more });
  const [tea] = first.server_questions;
  const question = tea?.question;
  for (const [more, problem] of [
    [{ answer: "approve" }, /waits with what an MCP server asks: answer with accept, decline or cancel/],
    [{ answer: "accept", values: { words: "x" } }, /does not fit what the server asks for: at \/words/],
    [{ answer: "decline", values: {} }, /decline takes no values/],
    [{ answer: "cancel", text: "why" }, /cancel takes no text/],
    [{ answer: "accept", question: "0".repeat(64), values: { words: "yes" } }, /is no question of a server/],
  ] as const)
    assert.match((await answer({ question, ...more })).error ?? "no error", problem);

  const { status: second } = await answer({ question, answer: "accept", values: { words: "yes" } });
  assert.deepEqual(
    second.server_questions.map(({ message }) => message),
    ["What about tea?", "What about rum?"],
  );
  const [again, rum] = second.server_questions;
  const { status: between } = await answer({ question: again?.question, answer: "decline" });
  assert.deepEqual([between.state, between.server_questions.length], ["waiting", 1]);
  const { status: last, error } = await answer({ question: rum?.question, answer: "accept", values: { words: "no" } });
  assert.deepEqual([last.state, last.answer], ["ended", "Done."], error ?? "");
  assert.deepEqual(
    eventsOfType(await world.journalOf(run), "user-answered").map(({ reply: said, by }) => [said, by]),
    [
      ["answered", "agent"],
      ["declined", "agent"],
      ["answered", "agent"],
    ],
  );
});
