import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { carryJob, type Job } from "../../../src/fleet/worker/carry-job.js";
import type { CarryOptions } from "../../../src/fleet/worker/carry-run.js";
import { runInProcess } from "../../support/in-process.js";
import { bin, repository, temporaryFolder } from "../../support/program.js";
import { repliesShown, reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";

const script = [
  reply("write_to_file", { file: "one.txt", text: "one" }),
  "what is said to it stands here",
  reply("write_to_file", { file: "two.txt", text: "two" }),
  reply("task_complete", { reason: "Done." }),
];
const settings = `ai_name: Asker
ai_role: an AI that asks
ai_goals: [Write]
approve:
  write_to_file: ask
`;

/** A fleet whose run asks before it writes: what a person types elsewhere, and what a worker does with the run when it is told to. */
async function desk(t: TestContext, url: string, given: { settings: string; script: readonly string[] }) {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "ai_settings.yaml"), given.settings);
  const server = await startFakeOpenAi({ chat: (request) => given.script[repliesShown(request)] ?? "nothing is left" });
  t.after(() => server.close());
  const store = await openStore(url);
  t.after(() => store.close());
  const env = {
    QUEUE_URL: url,
    OPENAI_API_KEY: "sk-desk",
    OPENAI_API_BASE_URL: server.url,
    MEMORY_BACKEND: "no_memory",
  };
  const type = async (...args: string[]) => runInProcess({ cwd: folder, args, input: "", env });
  const typed = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await type(...args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  let workers = 0;
  /** What a worker that has nothing of another one does with the job of a run. */
  const carry = async (run: string): Promise<string> => {
    const cwd = join(folder, `worker-${(workers += 1)}`);
    await mkdir(cwd);
    const options: CarryOptions = {
      ...{ store, run, holder: `worker-${workers}`, folder: join(cwd, "runs"), program: bin, cwd, leaseMs: 60_000 },
      environment: { ...env, PATH: process.env["PATH"], HOME: cwd },
      signal: new AbortController().signal,
    };
    let outcome = "";
    const end = (what: string): never => {
      outcome = what;
      throw Object.assign(new Error("of the queue"), { name: "DelayedError" });
    };
    const job: Job = {
      begin: () => Promise.resolve(),
      putOff: (ms) => Promise.resolve().then(() => end(`put off ${ms}`)),
      fail: (why) => end(why),
    };
    return carryJob(options, () => undefined, job).then(
      () => "done",
      () => outcome,
    );
  };
  return { server, store, type, typed, carry };
}

/** What holds for the questions of parked runs, whichever store they lie in. */
export function questionsContract(name: string, url: () => string): void {
  test(`${name}: what a parked run asks is answered from anywhere, once, and the run goes on with it`, async (t) => {
    const { server, store, type, typed, carry } = await desk(t, url(), { settings, script });
    const run = await typed("submit", "-c", "--max-tokens", "1m");
    assert.equal(await carry(run), "put off 300000");
    const parked = (await store.look(run))?.status;
    assert.deepEqual([parked?.state, parked?.asks], ["parked", 1]);
    const requests = server.chatRequests().length;
    assert.equal(await carry(run), "put off 300000");
    assert.equal(server.chatRequests().length, requests, "a run that waits for an answer asks no model");

    assert.match(
      await typed("questions"),
      new RegExp(`${run.slice(-4)} .* write_to_file .* fleet at 127\\.0\\.0\\.1:`),
    );
    const [asked] = JSON.parse(await typed("questions", "--json")) as { run: string; question: string; home: null }[];
    assert.deepEqual([asked?.run, asked?.home], [run, null]);
    const question = asked?.question ?? "";
    const blind = await type("approve", run);
    assert.match(blind.stderr, /Nothing was answered, as there is no terminal/);
    const other = await type("approve", run, "--yes", "0".repeat(12));
    assert.match(other.stderr, /and --yes names "0+"/);
    assert.match((await type("approve", run, "--edit")).stderr, /its workspace is not here/);

    // Of two who answer at the same time, one is told that the other was first.
    const both = await Promise.all([type("approve", run, "--yes", question), type("approve", run, "--yes", question)]);
    assert.deepEqual(both.map(({ code }) => code).sort(), [0, 2], both.map(({ stderr }) => stderr).join("\n"));
    assert.match(
      both.find(({ code }) => code === 0)?.stdout ?? "",
      /^Approved\. A worker of the fleet goes on with it\.$/m,
    );
    assert.equal((await store.look(run))?.status.state, "waiting");
    const late = await type("deny", run);
    assert.match(late.stderr, /waits for a worker, and has no question that is open/);

    await typed("tell", run, "Mind", "the", "gap");
    assert.equal(await carry(run), "put off 300000");
    const second = server.chatRequests().at(-1);
    assert.match(JSON.stringify(second?.body), /Mind the gap/);
    assert.ok((await store.read(run))?.files.has("workspace/one.txt"));
    assert.match(
      await typed("deny", "--reason", "One is enough"),
      /^Denied\. A worker of the fleet goes on without it\.$/,
    );
    assert.equal(await carry(run), "done");
    const sent = JSON.stringify(server.chatRequests().at(-1)?.body);
    assert.match(sent, /One is enough/);
    const stored = await store.read(run);
    assert.deepEqual([stored?.status.exitCode, stored?.files.has("workspace/two.txt")], [0, false]);
    assert.match((await type("approve", run)).stderr, /is over, so it asks nothing any more/);
    assert.match((await type("tell", run, "late")).stderr, /has completed, so it hears nothing any more/);
    assert.equal(await typed("questions"), "No run waits.");
  });
}

type Asked = { question: string; server: { message: string } };
const program = join(repository, "tests", "end-to-end", "mcp", "asking-server.mjs");
const ask = reply("test.ask", { topics: ["tea", "rum"] });

/** The same for what MCP servers ask. */
export function serverQuestionsContract(name: string, url: () => string): void {
  test(`${name}: what a server asked in a parked run is answered from anywhere, one question after the other`, async (t) => {
    const folder = await temporaryFolder(t);
    const calls = join(folder, "calls");
    const server = { command: process.execPath, args: [program], env: { CALLS: calls } };
    const { store, typed, type, carry } = await desk(t, url(), {
      settings: `ai_name: Asker
ai_role: an AI that asks
ai_goals: [Write]
mcpServers: ${JSON.stringify({ test: server })}
approve:
  "test.*": always
`,
      script: [ask, ask, ask, reply("task_complete", { reason: "Done." })],
    });
    const run = await typed("submit", "-c", "--max-tokens", "1m", "--trust-extensions");
    assert.equal(await carry(run), "put off 300000", (await store.look(run))?.status.message);
    const waiting = async (): Promise<Asked[]> => JSON.parse(await typed("questions", "--json")) as Asked[];
    assert.deepEqual(
      (await waiting()).map(({ server: asked }) => asked.message),
      ["What about tea?"],
    );
    const wrong = await type("answer", run, "--values", '{"words": "x"}');
    assert.match(wrong.stderr, /does not fit what the server asks for/);
    const tea = '{"words": "between us two", "amount": 3}';
    assert.match(
      await typed("answer", "--values", tea),
      /^Answered\. A worker of the fleet goes on: where the AI calls/,
    );
    assert.equal(await carry(run), "put off 300000");
    const [first, second] = await waiting();
    assert.deepEqual([first?.server.message, second?.server.message], ["What about tea?", "What about rum?"]);
    const one = await typed("answer", run, "--question", first?.question ?? "", "--values", tea);
    assert.match(one, /^Answered\. Once 1 more question is answered, a worker of the fleet goes on/);
    const { state, asks } = (await store.look(run))?.status ?? {};
    assert.deepEqual([state, asks], ["parked", 1]);
    assert.match(await typed("answer", run, "--decline"), /^Said\. A worker/);
    assert.equal(await carry(run), "done");
    const noted = await readFile(calls, "utf8");
    assert.match(noted, /\ntea: accept \{"words":"between us two","amount":3\}\nrum: decline null\n$/);
    const { lines = [], files } = (await store.read(run)) ?? {};
    assert.ok(!lines.join("\n").includes("between us two"));
    assert.deepEqual(
      [...(files?.keys() ?? [])].filter((path) => path.endsWith("server-answers.json")),
      [],
    );
  });
}
