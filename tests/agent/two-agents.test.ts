import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runToEnd } from "../../src/agent/run-to-end.js";
import { allCommands } from "../../src/commands/index.js";
import { createAgent } from "../../src/compose/agent.js";
import type { RunEnd } from "../../src/history/events.js";
import { createRunDirectory } from "../../src/history/runs.js";
import { loadSettings } from "../../src/settings/load.js";
import { runStart } from "../history/run-start.js";
import { reply, startFakeOpenAi } from "../support/services/fake-open-ai.js";
import { temporaryFolder } from "../support/program.js";

async function agentIn(t: TestContext, name: string): Promise<{ folder: string; run(): Promise<RunEnd> }> {
  const folder = await temporaryFolder(t);
  const write = reply("write_to_file", { file: "who.txt", text: name });
  const server = await startFakeOpenAi({
    chat: [write, reply("memory_add", { string: name }), reply("task_complete")],
  });
  t.after(() => server.close());
  const environment = { OPENAI_API_BASE_URL: server.url, SMART_LLM_MODEL: `${name}-model` };
  const { settings, secrets } = await loadSettings({ cwd: folder, environment });
  const limits = { steps: null, costUsd: null, tokens: null, seconds: null };
  const ai = { aiName: name, aiRole: "r", goals: [{ goal: "g", checks: [] }] };
  await mkdir(settings.home, { recursive: true });
  createRunDirectory(settings.home, "one");
  const { agent, emit, judge, close } = await createAgent({
    settings,
    cwd: folder,
    secrets,
    ai,
    commands: allCommands,
    checks: [],
    requireProof: false,
    run: "one",
    workspaceDirectory: settings.workspaceDirectory,
    memoryBackend: "local",
    limits,
    approve: [],
    protect: [],
    instructions: [],
    skills: [],
    hooks: [],
    continuous: true,
    only: null,
    recorded: null,
    elapsedMs: () => 0,
    lease: () => undefined,
    listeners: [],
    ask: () => assert.fail("nobody is asked"),
    warn: (text) => assert.fail(text),
    inspector: null,
    signal: new AbortController().signal,
  });
  const start = runStart({
    run: "one",
    aiName: name,
    model: { smart: settings.smartModel, fast: settings.fastModel },
    workspace: settings.workspaceDirectory,
    limits,
  });
  const run = async (): Promise<RunEnd> => {
    const end = await runToEnd({
      agent,
      emit,
      judge,
      requireProof: false,
      elapsedMs: () => 0,
      workspace: settings.workspaceDirectory,
      beginning: { kind: "new", start },
    });
    await close();
    return end;
  };
  return { folder, run };
}

test("pitfall 91: two agents run in one process at the same time and share nothing", async (t) => {
  const agents = await Promise.all([agentIn(t, "Ada"), agentIn(t, "Bob")]);
  const ends = await Promise.all(agents.map(({ run }) => run()));
  assert.deepEqual(
    ends.map(({ reason, steps }) => [reason, steps]),
    [
      ["task-complete", 3],
      ["task-complete", 3],
    ],
  );
  for (const [index, name] of ["Ada", "Bob"].entries()) {
    const { folder } = agents[index] as { folder: string };
    assert.equal(await readFile(join(folder, "workspace", "who.txt"), "utf8"), name);
    const journal = await readFile(join(folder, ".autogpt", "runs", "one", "events.jsonl"), "utf8");
    const [mine, other] = name === "Ada" ? ["Ada", "Bob"] : ["Bob", "Ada"];
    assert.ok(journal.includes(`${mine}-model`) && !journal.includes(other));
  }
});
