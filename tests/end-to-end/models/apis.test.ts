import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { LLMock } from "@copilotkit/aimock";
import type { JournalEvent } from "../../../src/history/events.js";
import { eventsOfType, journalOf, temporaryFolder, writeAi } from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";
import { repliesShown, reply, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { cutAfter, scriptedWorld } from "../support/scripted-world.js";

const script = [
  reply("write_to_file", { file: "note.txt", text: "one\n" }, { text: "I begin." }),
  reply("append_to_file", { file: "note.txt", text: "two 🙂\n" }),
  reply("read_file", { file: "note.txt" }),
  reply("search_files", { directory: "." }),
  reply("task_complete", { reason: "done" }),
];
const args = ["-c", "-y", "-l", "8", "-m", "no_memory"];
const apis = ["chat", "responses"] as const;

/** What a run did, and what it took. */
const outline = (journal: readonly JournalEvent[]) => ({
  kinds: journal.map(({ type }) => type),
  steps: eventsOfType(journal, "step-end").map(({ step, command, outcome, result }) => ({
    step,
    command,
    outcome,
    result,
  })),
  usage: eventsOfType(journal, "model-replied").map(({ usage, costUsd, text }) => ({ usage, costUsd, text })),
  totals: eventsOfType(journal, "run-end").map(({ usage }) => usage),
});

test("the same run over both APIs has the same commands and the same totals", async (t) => {
  const outlines = [];
  for (const api of apis) {
    const world = await scriptedWorld(t, script, { cache: true, env: { OPENAI_API: api } });
    const { code, stderr } = await world.run(["-c", "-y", "-l", "8", "--max-cost", "5"]);
    assert.equal(code, 0, stderr);
    assert.equal(await world.file("note.txt"), "one\ntwo 🙂\n");
    assert.deepEqual(
      [...new Set(world.server.chatRequests().map(({ path }) => path))],
      [api === "chat" ? "/v1/chat/completions" : "/v1/responses"],
    );
    const journal = await world.journal();
    const [end] = eventsOfType(journal, "run-end");
    assert.equal(world.server.billed().usd.toFixed(9), end?.usage.costUsd.toFixed(9), "the books are the bill");
    outlines.push(outline(journal));
  }
  assert.deepEqual(outlines[1], outlines[0]);
});

test("so has a run against aimock, but for what that does not count", async (t) => {
  const outlines = [];
  for (const api of apis) {
    const mock = new LLMock({ port: 0 });
    const turnOf = ({ messages }: { messages: { role: string }[] }): number =>
      messages.filter(({ role }) => role === "assistant").length;
    for (const [turn, content] of script.entries())
      mock.on(
        { predicate: ((request: Parameters<typeof turnOf>[0]) => turnOf(request) === turn) as never },
        { content },
      );
    await mock.start();
    t.after(() => mock.stop());
    const folder = await temporaryFolder(t);
    await writeAi(folder);
    const env = { OPENAI_API_BASE_URL: `${mock.url}/v1`, OPENAI_API_KEY: "mock", OPENAI_API: api };
    const { code, stderr } = await runInProcess({ cwd: folder, args, env });
    assert.equal(code, 0, stderr);
    const asked = mock.getRequests().map(({ path }) => path);
    assert.ok(
      asked.some((path) => path?.endsWith(api === "chat" ? "/chat/completions" : "/responses")),
      String(asked),
    );
    outlines.push(outline(await journalOf(folder)));
  }
  assert.deepEqual(outlines[1]?.steps, outlines[0]?.steps);
});

test("what a model thought is kept over steps, kills and resumes, and shown and remembered nowhere", async (t) => {
  const thought = (turn: number) => ({
    ...{ type: "reasoning", id: `rs_${turn}`, summary: [], encrypted_content: `sealed-${turn}`.repeat(20) },
  });
  const answers = script.map((text, turn) => ({ text, reasoning: thought(turn) }));
  const chat = (request: RecordedRequest) => answers[repliesShown(request)] ?? "";
  const env = { OPENAI_API: "responses", MEMORY_BACKEND: "local", EMBEDDING_PROVIDER: "none" };
  const world = await scriptedWorld(t, chat, { env });
  const begun = ["-c", "-y", "-l", "8", "--debug"];
  const lastInput = (): string =>
    JSON.stringify((world.server.chatRequests().at(-1)?.responses?.input as object[]).slice(0, -1));
  const whole = await world.run(begun);
  assert.equal(whole.code, 0, whole.stderr);
  const expected = lastInput();
  for (const turn of [0, 1, 2, 3]) assert.ok(expected.includes(`"rs_${turn}"`), expected);
  const moments: ((event: JournalEvent) => boolean)[] = [
    (event) => event.type === "model-replied" && event.step === 3,
    (event) => event.type === "command-start" && event.step === 3,
    (event) => event.type === "step-end" && event.step === 3,
  ];
  for (const moment of moments) {
    await cutAfter(world, moment);
    const resumed = await world.run(["--resume", "-y"]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(lastInput(), expected);
    assert.doesNotMatch(resumed.stdout + resumed.stderr + whole.stdout + whole.stderr, /sealed|rs_\d/);
  }
  const memory = await readFolder(join(world.folder, ".autogpt", "memory"));
  assert.doesNotMatch(memory, /sealed/);
});

/** The texts of all files below a folder. */
async function readFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}
