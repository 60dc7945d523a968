import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, journalOf, runProgram, temporaryFolder, writeAi } from "../../support/program.js";

/** A server that speaks the protocol and that nobody of this project wrote. */
const script = [
  reply("write_to_file", { file: "note.txt", text: "one\n" }),
  reply("append_to_file", { file: "note.txt", text: "two 🙂\n" }),
  reply("read_file", { file: "note.txt" }),
  reply("search_files", { directory: "." }),
  reply("task_complete", { reason: "done" }),
];

type Request = { messages: { role: string }[] };
const turnOf = ({ messages }: Request): number => messages.filter(({ role }) => role === "assistant").length;

type Faults = {
  what: string;
  /** What is wrong with the first answer of a turn. */
  options?: Parameters<LLMock["on"]>[2];
  /** The model answers with tool calls. */
  tools?: true;
  error?: number;
  retries: boolean;
};

const faults: readonly Faults[] = [
  { what: "nothing wrong", retries: false },
  { what: "tool calls in place of text", tools: true, retries: false },
  { what: "streams that are cut after some pieces", options: { truncateAfterChunks: 3, chunkSize: 20 }, retries: true },
  {
    what: "streams that are disconnected",
    options: { latency: 30, disconnectAfterMs: 50, chunkSize: 20 },
    retries: true,
  },
  { what: "dropped requests", options: { chaos: { dropRate: 1 } }, retries: true },
  { what: "malformed bodies", options: { chaos: { malformedRate: 1 } }, retries: true },
  { what: "connections that end at once", options: { chaos: { disconnectRate: 1 } }, retries: true },
  { what: "too many requests", options: { chaos: { rateLimitRate: 1 } }, retries: true },
  { what: "slow answers", options: { chaos: { latencyMs: 100 } }, retries: false },
];

for (const { what, options, tools, retries } of faults) {
  test(`five steps against aimock with ${what}, and the second run wastes nothing`, async (t) => {
    const mock = new LLMock({ port: 0 });
    const struck = new Set<number>();
    for (const [turn, text] of script.entries()) {
      const { command } = JSON.parse(text) as { command: { name: string; args: object } };
      const answer = tools
        ? { toolCalls: [{ name: command.name, arguments: JSON.stringify(command.args) }] }
        : { content: text };
      if (options) {
        const first = (request: Request): boolean =>
          turnOf(request) === turn && !struck.has(turn) && (struck.add(turn), true);
        mock.on({ predicate: first as never }, answer, options);
      }
      mock.on({ predicate: ((request: Request) => turnOf(request) === turn) as never }, answer);
    }
    await mock.start();
    t.after(() => mock.stop());
    const folder = await temporaryFolder(t);
    await writeAi(folder);
    const env = { OPENAI_API_BASE_URL: `${mock.url}/v1`, OPENAI_API_KEY: "mock", OPENAI_TIMEOUT: "10" };
    const { code, stderr } = await runProgram({ cwd: folder, args: ["-c", "-y", "-l", "8", "-m", "no_memory"], env });
    assert.equal(code, 0, stderr);
    assert.equal(await readFile(join(folder, "workspace", "note.txt"), "utf8"), "one\ntwo 🙂\n");
    const events = await journalOf(folder);
    assert.equal(eventsOfType(events, "step-end").length, 5);
    assert.equal(eventsOfType(events, "model-retry").length, retries ? 5 : 0, stderr);

    const before = mock.getRequests().filter(({ path }) => path?.includes("chat")).length;
    const again = await runProgram({ cwd: folder, args: ["-c", "-y", "-l", "8", "-m", "no_memory"], env });
    assert.equal(again.code, 0, again.stderr);
    assert.equal(mock.getRequests().filter(({ path }) => path?.includes("chat")).length - before, 5);
  });
}
