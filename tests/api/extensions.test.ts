import assert from "node:assert/strict";
import { readdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { SettingsError } from "../../src/errors.js";
import { defineCheck, defineCommand, readRun, run, type RunOptions } from "../../src/index.js";
import { eventsOfType, journalOf, lastJournal, temporaryFolder } from "../support/program.js";
import { reply, startFakeOpenAi, type FakeOpenAi, type Script } from "../support/services/fake-open-ai.js";

const ai = { name: "Ada", role: "an AI that is tested", goals: ["Do it"] };
const done = reply("task_complete", { reason: "done" });

async function world(
  t: TestContext,
  chat: Script,
): Promise<{ folder: string; server: FakeOpenAi; base: RunOptions & { cwd: string; env: Record<string, string> } }> {
  const folder = await temporaryFolder(t);
  const server = await startFakeOpenAi({ chat });
  t.after(() => server.close());
  const env = { OPENAI_API_BASE_URL: server.url, MEMORY_BACKEND: "no_memory", OPENAI_RETRIES: "1", HOME: folder };
  return { folder, server, base: { ai, cwd: folder, env, settings: { continuous: true } } };
}

const repeat = defineCommand({
  name: "repeat_text",
  args: z.object({ text: z.string().describe("<text>"), times: z.int().min(1).describe("<times>") }),
  effect: "writes",
  async run({ text, times }, { workspace }) {
    await workspace.write("repeated.txt", text.repeat(times));
    return `Wrote it ${times} times.`;
  },
});

const leastLetters = defineCheck({
  name: "least_letters",
  value: z.strictObject({ file: z.string(), letters: z.int() }),
  title: ({ file, letters }) => `${file} ${letters}`,
  async run({ file, letters }, { workspace }) {
    const { length } = await workspace.readText(file);
    return { ok: length >= letters, found: `${length} letters` };
  },
});

test("commands and checks that a program hands in are listed, run and judged as the built-in ones", async (t) => {
  const { folder, server, base } = await world(t, [
    reply("repeat_text", { text: "ab", times: "3" }),
    reply("repeat_text", { text: "ab", times: 0 }),
    done,
  ]);
  const goals = [{ goal: "Six letters", checks: [{ least_letters: { file: "repeated.txt", letters: 6 } }] }];
  const end = await run({ ...base, ai: { ...ai, goals }, commands: [repeat], checks: [leastLetters] });
  assert.equal(end.exitCode, 0, end.message);
  assert.deepEqual(end.goals, [
    {
      goal: "Six letters",
      verdict: "proven",
      evidence: "least_letters repeated.txt 6: 6 letters",
      checks: [{ check: "least_letters repeated.txt 6", passed: true, found: "6 letters" }],
    },
  ]);
  const prompt = server.chatRequests()[0]?.body?.messages[0]?.content ?? "";
  assert.match(prompt, /Repeat text: "repeat_text", args: "text": "<text>", "times": "<times>"\n\d+\. Do Nothing/);
  const [first, second] = eventsOfType(await journalOf(folder), "step-end");
  assert.equal(first?.result.changed, true);
  assert.equal(second?.outcome, "not-runnable");
});

test("what is handed in and not made as it should be rejects with SettingsError, and nothing has run", async (t) => {
  const { folder, base } = await world(t, []);
  const cases: [Partial<Record<"commands" | "checks", readonly unknown[]>>, RegExp][] = [
    [
      { commands: [{ ...repeat, name: "read_file" }] },
      /The command "read_file" uses the name "read_file", which is taken/,
    ],
    [{ commands: [repeat, repeat] }, /The command "repeat_text" uses the name/],
    [{ commands: [{ ...repeat, synonyms: ["finish"] }] }, /uses the name "finish", which is taken/],
    [{ commands: [{ ...repeat, effect: "ends the run" }] }, /^commands\[0\]: effect must be one of/],
    [{ commands: [{ ...repeat, hidden: true }] }, /^commands\[0\]: has hidden, which means nothing here/],
    [{ checks: [{ ...leastLetters, value: 3 }] }, /^checks\[0\]: value must be a schema of zod 4/],
    [{ checks: ["one"] }, /^checks\[0\]: must be an object/],
  ];
  for (const [given, message] of cases) {
    await assert.rejects(run({ ...base, ...given } as RunOptions), (thrown) => {
      assert.ok(thrown instanceof SettingsError, String(thrown));
      assert.match(thrown.message, message);
      return true;
    });
  }
  await assert.rejects(journalOf(folder));
});

test("a run of a program goes on with the checks that its goals have, and says which one is missing", async (t) => {
  const { base } = await world(t, [reply("do_nothing"), done]);
  const goals = [{ goal: "Letters", checks: [{ least_letters: { file: "a", letters: 0 } }] }];
  const limited = { ...base, settings: { continuous: true, continuousLimit: 1 } };
  const first = await run({ ...limited, ai: { ...ai, goals }, checks: [leastLetters] });
  assert.equal(first.reason, "limit-steps");
  await assert.rejects(run({ ...base, resume: true }), /has a check "least_letters"; there are file_exists/);
});

test("the extensions of a settings file need the caller's word once", async (t) => {
  const { folder, base } = await world(t, () => done);
  await writeFile(join(folder, "one.mjs"), 'export const a = { name: "one", effect: "nothing", run: () => "" };\n');
  await writeFile(join(folder, "ai_settings.yaml"), "ai_name: A\nai_role: r\nai_goals: [g]\nextensions: [./one.mjs]\n");
  const { cwd, env } = base;
  const settings = { continuous: true };
  const options = { cwd, env, settings };
  await assert.rejects(run(options), /line 4: the extension \.\/one\.mjs is not trusted/);
  assert.equal((await run({ ...options, settings: { ...settings, trustExtensions: true } })).exitCode, 0);
  assert.equal((await run(options)).exitCode, 0);
});

test("readRun tells of a run by its name, its folder, its journal, or as the last one", async (t) => {
  const { folder, base } = await world(t, [reply("do_nothing"), done]);
  const { cwd, env } = base;
  await assert.rejects(readRun(undefined, { cwd, env }), /There is no run to resume|no run/);
  const end = await run(base);
  const name = end.run ?? "";
  const journal = await lastJournal(folder);
  for (const place of [undefined, name, join(journal, ".."), journal, `.autogpt/runs/${name}`]) {
    const recorded = await readRun(place, { cwd, env });
    assert.equal(recorded.run, name);
    assert.equal(recorded.end?.reason, "task-complete");
    assert.equal(recorded.start.aiName, "Ada");
    assert.deepEqual(
      recorded.steps.map(({ command }) => command?.name),
      ["do_nothing", "task_complete"],
    );
    assert.deepEqual(recorded.totals, end.usage);
    assert.deepEqual(recorded.goals, end.goals);
    assert.equal(recorded.events.length, (await journalOf(folder)).length);
  }
  await assert.rejects(readRun("other", { cwd, env }), /There is no run "other" in .*, and no journal at .*other/);
});

test("a run that cannot begin leaves nothing open", { skip: process.platform !== "linux" }, async (t) => {
  const { folder, base } = await world(t, []);
  const openFiles = async (): Promise<string[]> => {
    const descriptors = await readdir("/proc/self/fd");
    const files = await Promise.all(descriptors.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => "")));
    return files.filter((file) => file.startsWith(folder));
  };
  const away = { ...base.env, MEMORY_BACKEND: "redis", REDIS_URL: "redis://127.0.0.1:1" };
  await assert.rejects(run({ ...base, env: away }), SettingsError);
  assert.deepEqual(await openFiles(), []);
  assert.deepEqual(await readdir(join(folder, ".autogpt", "runs")), []);
});
