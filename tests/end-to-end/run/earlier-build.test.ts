import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunSummary } from "../../../src/history/listing/summaries.js";
import { eventsOfType, repository } from "../../support/program.js";
import { reply, type Script } from "../../support/services/fake-open-ai.js";
import { newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const fixture = join(repository, "tests", "fixtures", "earlier-build");
const completed = "20261128-035824-899-0cd6";
const killed = "20261128-035828-554-5381";

/** A folder as an earlier build left it, and a model that answers like this. */
async function leftBehind(t: TestContext, chat: Script = []): Promise<World> {
  const env = { MEMORY_BACKEND: "local", EMBEDDING_PROVIDER: "endpoint" };
  const world = await scriptedWorld(t, chat, { ai: { name: "Gardener-GPT" }, env });
  const workspace = join(world.folder, "workspace");
  await cp(join(fixture, "home"), join(world.folder, ".autogpt"), { recursive: true });
  await cp(join(fixture, "workspace"), workspace, { recursive: true });
  for (const run of [completed, killed]) {
    const file = join(world.folder, ".autogpt", "runs", run, "events.jsonl");
    const journal = await readFile(file, "utf8");
    await writeFile(
      file,
      journal.replace('"{workspace}"', () => JSON.stringify(workspace)),
    );
  }
  return world;
}

test("runs of an earlier build are listed with their state, steps and cost", async (t) => {
  const world = await leftBehind(t);
  const { code, stdout } = await world.run(["runs", "--json"]);
  assert.equal(code, 0);
  const runs = JSON.parse(stdout) as RunSummary[];
  assert.deepEqual(
    runs.map(({ run, state, aiName, steps, costUsd }) => [run, state, aiName, steps, costUsd.toFixed(6)]),
    [
      [completed, "task-complete", "Gardener-GPT", 2, "0.002403"],
      [killed, "killed", "Gardener-GPT", 2, "0.026412"],
    ],
  );
});

test("a run that an earlier build completed is not begun again", async (t) => {
  const world = await leftBehind(t);
  const { code, stderr } = await world.run(["--resume", completed]);
  assert.equal(code, 0);
  assert.match(stderr, /is completed, so there is nothing to resume/);
});

test("a run of an earlier build that was killed goes on: history, limits, rules, sub-agents, goals and memory", async (t) => {
  const world = await leftBehind(t, [
    reply("delete_file", { file: "calendar.md" }),
    reply("message_agent", { key: "0", message: "And thyme?" }),
    "Thyme is cut after it has flowered.",
    reply("task_complete", { reason: "all is written" }),
  ]);
  const { code, stderr } = await world.run(["--resume"]);
  assert.equal(code, 0, stderr);

  const first = world.messages(0);
  assert.deepEqual(
    first.map(({ role }) => role),
    ["system", "user", "assistant", "user", "assistant", "user", "user"],
  );
  assert.match(first[1]?.content ?? "", /^LEDGER/, "its goals have checks");
  assert.match(first.at(-4)?.content ?? "", /First response: Sage is cut in May/);
  assert.match(first.at(-1)?.content ?? "", /remind.*Thyme grows in the south bed/s);
  assert.match(newestResult(world.messages(1)), /delete_file returned: Error: the user's rules do not allow this/);
  assert.deepEqual(
    world
      .messages(2)
      .map(({ content }) => content)
      .slice(1),
    ["When is sage cut?", "Sage is cut in May, before it flowers.", "And thyme?"],
  );

  const journal = await world.journal();
  assert.deepEqual(
    journal.map(({ seq }) => seq),
    [...journal.keys()].map((index) => index + 1),
  );
  const [resumed] = eventsOfType(journal, "run-resumed");
  assert.deepEqual([resumed?.step, resumed?.limits], [3, { steps: null, costUsd: 2, tokens: null, seconds: 600 }]);
  const [end] = eventsOfType(journal, "run-end");
  assert.deepEqual(
    end?.goals.map(({ verdict }) => verdict),
    ["claimed", "proven"],
  );
  assert.equal(end?.steps, 5);
  assert.ok((end?.usage.costUsd ?? 0) > 0.0235, "what was reserved when it was killed counts as spent");
});

test("the memory of an earlier build is counted and recalled", async (t) => {
  const world = await leftBehind(t);
  const stats = await world.run(["memory", "stats", "--json"]);
  assert.equal((JSON.parse(stats.stdout) as { records: number }).records, 4);
  const search = await world.run(["memory", "search", "When is sage cut?", "--json"]);
  const [best] = JSON.parse(search.stdout) as { id: string; text: string }[];
  assert.equal(best?.id, "30ccac36-48fe-4e7c-af7e-cf1188043ed6");
  assert.match(best?.text ?? "", /Sage is cut in May/);
});
