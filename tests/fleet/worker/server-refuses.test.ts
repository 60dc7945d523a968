import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openStore } from "../../../src/fleet/store/open-store.js";
import type { RunStatus } from "../../../src/fleet/store/run-store.js";
import { runInProcess } from "../../support/in-process.js";
import { startProgram, temporaryFolder } from "../../support/program.js";
import { errorBody, reply, startFakeOpenAi, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import type { Fault } from "../../support/services/fake-faults.js";
import { startRedis } from "../../support/services/redis-server.js";

const done = reply("task_complete", { reason: "Done." });

/** A fleet whose model's server answers so, and workers with any key. */
async function fleet(t: TestContext, url: string, chat: (request: RecordedRequest) => string | { fault: Fault }) {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "ai_settings.yaml"), "ai_name: A\nai_role: an AI\nai_goals: [Write]\n");
  const model = await startFakeOpenAi({ chat });
  t.after(() => model.close());
  const env = { QUEUE_URL: url, OPENAI_API_BASE_URL: model.url, MEMORY_BACKEND: "no_memory" };
  const store = await openStore(url);
  t.after(() => store.close());
  return {
    async type(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await runInProcess({ cwd: folder, args, env });
      assert.equal(code, 0, stderr);
      return stdout.trim();
    },
    startWorker(key: string) {
      const worker = startProgram({ cwd: folder, args: ["work"], env: { ...env, OPENAI_API_KEY: key } });
      t.after(async () => {
        worker.child.kill("SIGTERM");
        await worker.ended;
      });
      return worker;
    },
    async become(run: string, state: string): Promise<RunStatus> {
      for (;;) {
        const status = (await store.look(run))?.status;
        if (status?.state === state) return status;
        if (status?.state === "ended") assert.fail(status.message);
        await delay(50);
      }
    },
  };
}

const flags = ["-c", "--max-tokens", "1m"];

test("a run that its server asks to wait for long is parked at once, and leaves its place to others", async (t) => {
  const server = await startRedis(t);
  if (server === null) return;
  const busy: Fault = { status: 429, headers: { "retry-after": "600" }, body: errorBody("Slow down.") };
  let asked = 0;
  const chat = () => (asked++ === 0 ? { fault: busy } : done);
  const { type, startWorker, become } = await fleet(t, `redis://127.0.0.1:${server.port}`, chat);
  const run = await type("submit", ...flags);
  startWorker("sk-one");
  const status = await become(run, "parked");
  assert.equal(status.exitCode, 75, status.message);
  assert.match(status.message ?? "", /--wait allows 60 seconds/);
});

test("a worker whose key is refused ends no run: it takes no more of them, and another goes on with what it had", async (t) => {
  const server = await startRedis(t);
  if (server === null) return;
  const wrong: Fault = { status: 401, body: errorBody("Incorrect API key provided.", "invalid_api_key") };
  const chat = ({ headers }: RecordedRequest) => (headers.authorization === "Bearer sk-good" ? done : { fault: wrong });
  const { type, startWorker, become } = await fleet(t, `redis://127.0.0.1:${server.port}`, chat);
  const first = await type("submit", ...flags);
  const second = await type("submit", ...flags);
  const { code, stderr } = await startWorker("sk-wrong").ended;
  assert.equal(code, 2, stderr);
  assert.match(stderr, /does not accept the API key.* This worker takes no more runs/);
  assert.equal((await become(first, "parked")).failure, "wrong-key");
  await become(second, "waiting");
  await type("fleet", "retry", first);
  startWorker("sk-good");
  for (const run of [first, second]) assert.equal((await become(run, "ended")).exitCode, 0);
});
