import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, journalOf, temporaryFolder, writeAi } from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";

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

/** What a retry says of a connection that broke; a busy machine may break one by itself. */
const broken = /The connection broke before the answer was complete/;

type Faults = {
  what: string;
  /** What is wrong with the first answer of a turn. */
  options?: Parameters<LLMock["on"]>[2];
  /** The model answers with tool calls. */
  tools?: true;
  /** What the retry of each of these answers says; null where none is to be repeated. */
  cause: RegExp | null;
};

const faults: readonly Faults[] = [
  { what: "nothing wrong", cause: null },
  { what: "tool calls in place of text", tools: true, cause: null },
  { what: "streams that are cut after some pieces", options: { truncateAfterChunks: 3, chunkSize: 20 }, cause: broken },
  {
    what: "streams that are disconnected",
    options: { latency: 30, disconnectAfterMs: 50, chunkSize: 20 },
    cause: broken,
  },
  { what: "dropped requests", options: { chaos: { dropRate: 1 } }, cause: /status 500\) has a fault/ },
  { what: "malformed bodies", options: { chaos: { malformedRate: 1 } }, cause: /no chat completion/ },
  { what: "connections that end at once", options: { chaos: { disconnectRate: 1 } }, cause: broken },
  { what: "too many requests", options: { chaos: { rateLimitRate: 1 } }, cause: /takes no more requests/ },
  { what: "slow answers", options: { chaos: { latencyMs: 100 } }, cause: null },
];

/** What the retries of a folder's last run say. */
const retriesOf = async (folder: string): Promise<string[]> =>
  eventsOfType(await journalOf(folder), "model-retry").map(({ problem }) => problem);

for (const { what, options, tools, cause } of faults) {
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
    const env = { OPENAI_API_BASE_URL: `${mock.url}/v1`, OPENAI_API_KEY: "mock", OPENAI_TIMEOUT: "60" };
    const run = () => runInProcess({ cwd: folder, args: ["-c", "-y", "-l", "8", "-m", "no_memory"], env });
    const { code, stderr } = await run();
    assert.equal(code, 0, stderr);
    assert.equal(await readFile(join(folder, "workspace", "note.txt"), "utf8"), "one\ntwo 🙂\n");
    assert.equal(eventsOfType(await journalOf(folder), "step-end").length, 5);
    const retries = await retriesOf(folder);
    const caused = retries.filter((problem) => cause?.test(problem)).length;
    assert.ok(cause === broken ? caused >= 5 : caused === (cause === null ? 0 : 5), retries.join("\n"));
    assert.deepEqual(
      retries.filter((problem) => !(cause ?? broken).test(problem) && !broken.test(problem)),
      [],
    );

    const chats = () => mock.getRequests().filter(({ path }) => path?.includes("chat")).length;
    const before = chats();
    const again = await run();
    assert.equal(again.code, 0, again.stderr);
    const repeated = await retriesOf(folder);
    assert.deepEqual(
      repeated.filter((problem) => !broken.test(problem)),
      [],
    );
    assert.ok(chats() - before <= 5 + repeated.length);
  });
}
