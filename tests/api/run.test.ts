import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { RunError, SettingsError } from "../../src/errors.js";
import type { JournalEvent } from "../../src/history/events.js";
import { run, type RunOptions } from "../../src/index.js";
import { eventsOfType, journalOf, temporaryFolder, writeAi } from "../support/program.js";
import { reply, startFakeOpenAi, type FakeOpenAi, type Script } from "../support/services/fake-open-ai.js";

const ai = { name: "Ada", role: "an AI that is tested", goals: ["Do it"] };

/** A folder, a scripted server, and the options of a run there. */
async function world(t: TestContext, chat: Script): Promise<{ folder: string; server: FakeOpenAi; base: RunOptions }> {
  const folder = await temporaryFolder(t);
  const server = await startFakeOpenAi({ chat });
  t.after(() => server.close());
  const base = {
    ai,
    cwd: folder,
    env: { OPENAI_API_BASE_URL: server.url, MEMORY_BACKEND: "no_memory", OPENAI_RETRIES: "1" },
  };
  return { folder, server, base };
}

const write = (file: string, text: string): string => reply("write_to_file", { file, text });

test("a run resolves to its end record, and its events are on disk before they are heard", async (t) => {
  const { folder, base } = await world(t, [write("a.txt", "one"), reply("task_complete", { reason: "done" })]);
  const heard: JournalEvent[] = [];
  const end = await run({
    ...base,
    settings: { continuous: true, maxCost: 0.5 },
    async onEvent(event) {
      heard.push(event);
      assert.deepEqual((await journalOf(folder))[event.seq - 1], JSON.parse(JSON.stringify(event)));
    },
  });
  assert.equal(end.reason, "task-complete");
  assert.equal(end.exitCode, 0);
  assert.equal(end.steps, 2);
  assert.equal(await readFile(join(folder, "workspace", "a.txt"), "utf8"), "one");
  assert.deepEqual(JSON.parse(JSON.stringify(heard)), await journalOf(folder));
  assert.equal(eventsOfType(heard, "run-start")[0]?.limits.costUsd, 0.5);
});

test("nothing is written to the console, no signal is listened to, and the environment and folder stay", async (t) => {
  const { base } = await world(t, [write("a.txt", "one"), reply("task_complete", { reason: "done" })]);
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    t.mock.method(stream, "write", (text: string) => (written.push(text), true));
  const before = [process.eventNames(), { ...process.env }, process.cwd()];
  let during: unknown;
  await run({ ...base, settings: { continuous: true }, onEvent: () => void (during ??= process.eventNames()) });
  const after = [process.eventNames(), { ...process.env }, process.cwd()];
  t.mock.restoreAll();
  assert.deepEqual(written.join(""), "");
  assert.deepEqual(during, before[0]);
  assert.deepEqual(after, before);
});

test("ask answers for the person: yes, feedback, no", async (t) => {
  const { folder, server, base } = await world(t, [
    write("a.txt", "one"),
    write("b.txt", "two"),
    write("c.txt", "three"),
  ]);
  const asked: unknown[] = [];
  const answers = ["yes", { feedback: "not that one" }, "no"] as const;
  const end = await run({
    ...base,
    ask(question) {
      asked.push(question);
      return answers[asked.length - 1] ?? "no";
    },
  });
  assert.equal(end.reason, "user-stopped");
  assert.equal(end.exitCode, 4);
  assert.deepEqual(asked[0], {
    command: { name: "write_to_file", args: { file: "a.txt", text: "one" } },
    effect: "writes",
    unconfined: false,
    step: 1,
    preview: [{ kind: "file", path: "a.txt", before: null, after: { bytes: 3, text: "one" } }],
    rules: [{ command: "write_to_file", pattern: "a.txt", decision: "always" }],
    problem: null,
  });
  assert.equal(asked.length, 3);
  assert.equal(await readFile(join(folder, "workspace", "a.txt"), "utf8"), "one");
  await assert.rejects(readFile(join(folder, "workspace", "b.txt")));
  assert.match(server.chatRequests()[2]?.body?.messages.at(-2)?.content ?? "", /Human feedback: not that one/);
});

test("ask may refuse, add a rule, or park the run; what is told is heard before the next step", async (t) => {
  const { folder, server, base } = await world(t, [
    write("a.txt", "one"),
    write("b.txt", "two"),
    write("b.txt", "three"),
    write("c.txt", "four"),
    reply("task_complete", { reason: "done" }),
  ]);
  const answers = [{ deny: "a is taken" }, "always", "park"] as const;
  let asked = 0;
  const end = await run({ ...base, ask: () => answers[asked++] ?? "no" });
  assert.deepEqual([end.reason, end.exitCode, asked], ["parked", 75, 3]);
  assert.equal(await readFile(join(folder, "workspace", "b.txt"), "utf8"), "three");
  assert.equal(eventsOfType(await journalOf(folder), "command-parked")[0]?.step, 4);
  assert.match(
    server.chatRequests()[1]?.body?.messages.at(-2)?.content ?? "",
    /does not allow this. The reason: a is taken/,
  );

  const resumed = await run({ ...base, resume: true, ask: () => "yes", tell: "Be brief" });
  assert.equal(resumed.reason, "task-complete");
  assert.match(JSON.stringify(server.chatRequests()[4]?.body?.messages), /Human feedback: Be brief/);
});

test("a signal that is aborted with a RunError gives the end its reason", async (t) => {
  const { base } = await world(t, [write("a.txt", "one")]);
  const controller = new AbortController();
  const end = await run({
    ...base,
    signal: controller.signal,
    ask() {
      controller.abort(new RunError("parked", "Until Monday."));
      return new Promise(() => {});
    },
  });
  assert.deepEqual([end.reason, end.exitCode, end.message], ["parked", 75, "Until Monday."]);
});

test("without ask and without continuous no command runs: the run ends as after the answer no, and can be resumed", async (t) => {
  const { folder, base } = await world(t, [write("a.txt", "one"), reply("task_complete", { reason: "done" })]);
  const end = await run(base);
  assert.equal(end.reason, "user-stopped");
  await assert.rejects(readFile(join(folder, "workspace", "a.txt")));

  const resumed = await run({ ...base, resume: true, settings: { continuous: true } });
  assert.equal(resumed.reason, "task-complete");
  assert.equal(resumed.run, end.run);
  assert.equal(await readFile(join(folder, "workspace", "a.txt"), "utf8"), "one");

  assert.deepEqual(
    await run({ ...base, resume: end.run ?? "" }),
    JSON.parse(JSON.stringify({ ...(await journalOf(folder)).at(-1) })),
  );
});

test("what is no answer, and an ask that fails, runs nothing and ends the run with a fault that names it", async (t) => {
  for (const [ask, message] of [
    [() => undefined as unknown as "yes", /ask must answer "yes", "no", "always"/],
    [() => Promise.reject(new Error("the dialogue is gone")), /ask failed: the dialogue is gone/],
  ] as const) {
    const { folder, base } = await world(t, [write("a.txt", "one")]);
    const end = await run({ ...base, ask });
    assert.equal(end.reason, "fault");
    assert.match(end.message ?? "", message);
    await assert.rejects(readFile(join(folder, "workspace", "a.txt")));
  }
});

test("an aborted signal ends the run with 130, also while it is asked, and before it begins", async (t) => {
  const { base } = await world(t, [write("a.txt", "one"), write("b.txt", "two")]);
  const controller = new AbortController();
  const asked = await run({
    ...base,
    signal: controller.signal,
    ask: () => {
      controller.abort();
      return new Promise(() => {});
    },
  });
  assert.deepEqual([asked.reason, asked.exitCode], ["interrupted", 130]);
  const late = await run({ ...base, signal: AbortSignal.abort() });
  assert.deepEqual([late.reason, late.exitCode, late.steps], ["interrupted", 130, 0]);
});

test("what a listener throws ends the run with a fault that names it; the journal is whole", async (t) => {
  for (const name of ["onEvent", "onText", "onWarning"] as const) {
    const { folder, base } = await world(t, [write("a.txt", "one"), write("b.txt", "two"), reply("task_complete")]);
    const end = await run({
      ...base,
      settings: { continuous: true, smartModel: "gpt-4" },
      [name]: () => {
        throw new Error("no more");
      },
    });
    assert.equal(end.reason, "fault", name);
    assert.match(end.message ?? "", new RegExp(`${name} failed: no more`));
    assert.equal((await journalOf(folder)).at(-1)?.type, "run-end");
  }
});

test("two runs go on at the same time and share nothing", async (t) => {
  const worlds = await Promise.all(
    ["Ada", "Bob"].map((name) => world(t, [write("who.txt", name), reply("task_complete")])),
  );
  const ends = await Promise.all(
    worlds.map(({ base }, index) =>
      run({
        ...base,
        ai: { ...ai, name: index === 0 ? "Ada" : "Bob" },
        settings: { continuous: true, memoryBackend: "local" },
      }),
    ),
  );
  assert.deepEqual(
    ends.map(({ reason }) => reason),
    ["task-complete", "task-complete"],
  );
  for (const [index, { folder }] of worlds.entries()) {
    const [mine, other] = index === 0 ? ["Ada", "Bob"] : ["Bob", "Ada"];
    assert.equal(await readFile(join(folder, "workspace", "who.txt"), "utf8"), mine);
    assert.ok(!JSON.stringify(await journalOf(folder)).includes(other as string));
  }
});

test("two runs go on at the same time in one folder", async (t) => {
  const { folder, base } = await world(t, () => reply("task_complete", { reason: "done" }));
  const settings = { continuous: true, memoryBackend: "local" } as const;
  const ends = await Promise.all([run({ ...base, settings }), run({ ...base, settings })]);
  assert.deepEqual(
    ends.map(({ reason }) => reason),
    ["task-complete", "task-complete"],
  );
  assert.notEqual(ends[0]?.run, ends[1]?.run);
  assert.equal((await journalOf(folder)).at(-1)?.type, "run-end");
});

test("wrong settings reject with SettingsError, and nothing has run", async (t) => {
  const { folder, base } = await world(t, []);
  const cases: [RunOptions, RegExp][] = [
    [{ settings: { maxCost: "much" } }, /^settings\.maxCost is "much", but must be an amount of US dollars/],
    [{ settings: { maxCots: 1 } as object }, /^settings\.maxCots is no setting .* Did you mean maxCost\?/],
    [{ settings: { debug: true } as object }, /^settings\.debug is no setting/],
    [{ settings: { gpt3only: true, gpt4only: true } }, /contradict/],
    [{ env: {} }, /OPENAI_API_KEY is not set/],
    [{ ai: "other.yaml" }, /other\.yaml does not exist/],
    [{ ai: { ...ai, goals: [] } }, /ai_goals must be a list with at least one goal/],
    [
      { ai: { ...ai, goals: [{ goal: "x", checks: [{ file_exist: "a" } as never] }] } },
      /each check must be exactly one of/,
    ],
    [{ ai: { ...ai, approve: { write_to_fil: "always" } } }, /there is no such command/],
    [{ resume: true }, /There is no run to resume/],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(run({ ...base, ...options }), (thrown) => {
      assert.ok(thrown instanceof SettingsError && thrown instanceof RunError, String(thrown));
      assert.match(thrown.message, message);
      return true;
    });
  }
  await assert.rejects(journalOf(folder));
});

test("settings that are given win over env, numbers and lists are taken as they are, and a key is masked", async (t) => {
  const { folder, base } = await world(t, [write("a.txt", "my key is sk-very-secret-key-1"), reply("task_complete")]);
  const end = await run({
    ...base,
    env: { ...base.env, SMART_LLM_MODEL: "from-env", FAST_LLM_MODEL: "fast-from-env" },
    settings: {
      continuous: true,
      smartModel: "given",
      openAiApiKey: "sk-very-secret-key-1",
      maxTime: 300,
      maxTokens: "500k",
      shellDenylist: ["sudo", "su"],
    },
  });
  assert.equal(end.reason, "task-complete", end.message);
  const journal = await journalOf(folder);
  const [start] = eventsOfType(journal, "run-start");
  assert.deepEqual(start?.model, { smart: "given", fast: "fast-from-env" });
  assert.deepEqual(start?.limits, { steps: null, costUsd: null, tokens: 500_000, seconds: 300 });
  assert.ok(!JSON.stringify(journal).includes("sk-very-secret-key-1"));
});

test("with env, neither process.env nor .env is read; without it both are, from cwd", async (t) => {
  const { folder, base, server } = await world(t, () => reply("task_complete", { reason: "done" }));
  await writeFile(join(folder, ".env"), `SMART_LLM_MODEL=from-file\nOPENAI_API_BASE_URL=${server.url}\n`);
  await run({ ...base, settings: { continuous: true, smartModel: undefined } });
  await run({ ai, cwd: folder, settings: { continuous: true, memoryBackend: "no_memory" } });
  const models = server.chatRequests().map(({ body }) => body?.model);
  assert.notEqual(models[0], "from-file");
  assert.equal(models[1], "from-file");
});

test("without ai, the settings file says who it is; as a text, ai is the path of another one", async (t) => {
  const { folder, base } = await world(t, () => reply("task_complete", { reason: "done" }));
  const { cwd, env } = base as { cwd: string; env: Record<string, string> };
  await writeAi(folder, { name: "From the file", more: "api_budget: 1.5\n" });
  await run({ cwd, env, settings: { continuous: true } });
  const [start] = eventsOfType(await journalOf(folder), "run-start");
  assert.equal(start?.aiName, "From the file");
  assert.equal(start?.limits.costUsd, 1.5);
  await writeFile(join(folder, "other.yaml"), "ai_name: Other\nai_role: r\nai_goals: [g]\n");
  await run({ ...base, ai: "other.yaml", settings: { continuous: true } });
  assert.equal(eventsOfType(await journalOf(folder), "run-start")[0]?.aiName, "Other");
});
