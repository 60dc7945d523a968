import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { eventSchemas, type JournalEvent } from "../../../src/history/events.js";
import { serverQuestionEvents } from "../../../src/history/events/server-questions.js";
import { assertValid, validatorOf } from "../../support/json-schema.js";
import { runInProcess } from "../../support/in-process.js";
import { eventsOfType, repository, temporaryFolder } from "../../support/program.js";
import { errorBody, reply, type Fault } from "../../support/services/fake-open-ai.js";
import { scriptedWorld } from "../support/scripted-world.js";

const linesOf = (text: string): JournalEvent[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JournalEvent);

test("every event that a run writes and prints keeps to the schema, and every type of event was among them", async (t) => {
  const broken: Fault = { status: 500, body: errorBody("broken") };
  const chat = [
    "no command at all",
    reply("fly", { to: "the moon" }),
    reply("start_agent", { name: "Smith", task: "knows words", prompt: "Say one" }),
    "Word.",
    reply("delete_agent", { key: "0" }),
    reply("write_to_file", { file: "a.md", text: "a" }),
    ...Array<string>(4).fill(reply("read_file", { file: "a.md" })),
    reply("browse_website", { url: "http://nobody.example/" }),
    reply("task_complete", { reason: "done" }),
  ];
  const goals = ["Do it", { goal: "Write a.md", checks: [{ file_exists: "a.md" }] }];
  const world = await scriptedWorld(t, chat, {
    ai: { goals, more: "approve:\n  write_to_file:\n    '*.md': always\nhooks:\n  run-start: echo {}\n" },
    env: { MEMORY_BACKEND: "local", EMBEDDING_PROVIDER: "endpoint", OPENAI_RETRIES: "1" },
    faults: { 1: broken },
    backgroundLooks: 0,
    embeddingFaults: { 0: broken, 1: broken, 2: broken, 3: broken },
  });
  const given = { input: "a\ny\ny\nplease do something else\nn\n" };
  const first = await world.run(
    ["-y", "--trust-extensions", "--output-format", "stream-json", "--max-cost", "2"],
    given,
  );
  const parked = await world.run(["--resume", "--on-approval", "park", "--output-format", "stream-json"]);
  const { question = "" } = eventsOfType(await world.journal(), "command-parked")[0] ?? {};
  assert.equal((await world.run(["approve", "last", "--yes", question])).code, 0);
  const last = ["--resume", "-c", "-l", "12", "--on-approval", "deny", "--output-format", "stream-json"];
  const second = await world.run(last, { env: { OPENAI_BACKGROUND: "True" } });
  assert.deepEqual([first.code, parked.code, second.code], [4, 75, 0], second.stderr);

  const validate = validatorOf("events");
  const journal = await world.journal();
  for (const event of journal) assertValid(validate, event);
  // What takes an MCP server is shown in end-to-end/mcp/answered-later.test.ts.
  const here = Object.keys(eventSchemas).filter((type) => !Object.hasOwn(serverQuestionEvents, type));
  assert.deepEqual([...new Set(journal.map(({ type }) => type))].sort(), here.sort());
  const printed = [first, parked, second].flatMap(({ stdout }) => linesOf(stdout));
  // The answer comes from another process.
  assert.deepEqual(
    printed,
    journal.filter(({ type }) => type !== "command-answered"),
  );
});

test("the end of a run that cannot begin keeps to the schema", async (t) => {
  const { stdout, code } = await runInProcess({ cwd: await temporaryFolder(t), args: ["--output-format", "json"] });
  assert.equal(code, 2);
  const [end, ...others] = linesOf(stdout);
  assertValid(validatorOf("events"), end);
  assert.deepEqual(others, []);
});

test("journals of an earlier build keep to the schema of today's", async () => {
  const validate = validatorOf("events");
  for (const run of ["20261128-035824-899-0cd6", "20261128-035828-554-5381"]) {
    const file = join(repository, "tests", "fixtures", "earlier-build", "home", "runs", run, "events.jsonl");
    for (const event of linesOf(await readFile(file, "utf8"))) assertValid(validate, event);
  }
});

test("an event without a field, with a value of another kind or of an unknown type does not keep to the schema", () => {
  const validate = validatorOf("events");
  const event = { seq: 1, time: "2026-11-28T00:00:00.000Z", type: "step-remembered", step: 1 };
  assertValid(validate, { ...event, ofTomorrow: true });
  for (const wrong of [{ step: "1" }, { step: undefined }, { time: "yesterday" }, { type: "of-tomorrow" }])
    assert.equal(validate(JSON.parse(JSON.stringify({ ...event, ...wrong }))), false, JSON.stringify(wrong));
});

test("the ai_settings.yaml that comes with the program and the README's example keep to the schema", async () => {
  const validate = validatorOf("goals");
  const readme = await readFile(join(repository, "README.md"), "utf8");
  const example = /```yaml\n(ai_name:.*?)```/s.exec(readme)?.[1] ?? "";
  assert.match(example, /file_contains/);
  for (const text of [await readFile(join(repository, "ai_settings.yaml"), "utf8"), example])
    assertValid(validate, parse(text));
});

test("what config show prints keeps to the schema of the settings, keys and what is not set aside", async (t) => {
  const env = {
    OPENAI_TIMEOUT: "30",
    SEARCH_PROVIDER: "brave, duckduckgo",
    BRAVE_API_KEY: "made-up",
    REDIS_TLS: "yes",
    PINECONE_ENV: "us-east-1-aws",
    SANDBOX_MEMORY_LIMIT: "2G",
    BROWSE_ALLOWED_PRIVATE_HOSTS: "wiki.local:8080",
  };
  const args = ["config", "show", "--json", "--max-time", "5m", "--max-tokens", "500k", "--ai-goal", "one"];
  const { code, stdout, stderr } = await runInProcess({ cwd: await temporaryFolder(t), args, env });
  assert.equal(code, 0, stderr);
  const shown = Object.entries(JSON.parse(stdout) as Record<string, unknown>);
  const values = Object.fromEntries(shown.filter(([, value]) => value !== null && value !== "(set)"));
  for (const name of ["--max-time", "SEARCH_PROVIDER", "REDIS_TLS", "PINECONE_ENV"]) assert.ok(name in values, name);
  const validate = validatorOf("settings");
  assertValid(validate, values);
  assert.equal(validate({ ...values, REDIS_TLS: "yes" }), false);
  assert.equal(validate({ ...values, MEMORY_BACKEND: "of-tomorrow" }), false);
});
