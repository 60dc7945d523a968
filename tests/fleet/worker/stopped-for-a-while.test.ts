import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { runInProcess } from "../../support/in-process.js";
import { long, startProgram, temporaryFolder } from "../../support/program.js";
import { repliesShown, reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { startRedis } from "../../support/services/redis-server.js";

const script = [
  reply("write_to_file", { file: "notes.txt", text: "one" }),
  reply("append_to_file", { file: "notes.txt", text: " two" }),
  reply("task_complete", { reason: "Done." }),
];

if (long)
  test("a run at work that is cancelled stops where it is, and goes on from there when it is tried again", async (t) => {
    const server = await startRedis(t);
    if (server === null) return;
    let hangs = true;
    const model = await startFakeOpenAi({
      chat({ body }) {
        const step = repliesShown({ body });
        return step === 1 && hangs ? new Promise(() => undefined) : (script[step] ?? "nothing is left");
      },
    });
    t.after(() => model.close());
    const folder = await temporaryFolder(t);
    await writeFile(
      join(folder, "ai_settings.yaml"),
      "ai_name: A\nai_role: an AI\nai_goals:\n  - goal: Write\n    checks:\n      - file_contains: { file: notes.txt, pattern: '^one two$' }\n",
    );
    const env = {
      ...{ OPENAI_API_BASE_URL: model.url, OPENAI_API_KEY: "sk-stopped", MEMORY_BACKEND: "no_memory" },
      QUEUE_URL: `redis://127.0.0.1:${server.port}`,
    };
    const type = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runInProcess({ cwd: folder, args, env });
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    type Run = { state: string; exitCode?: number; steps: number; verdicts?: string[] };
    const become = async (state: string): Promise<Run> => {
      for (;;) {
        const { runs } = JSON.parse(await type("fleet", "--json")) as { runs: Run[] };
        const [run] = runs;
        if (run?.state === state) return run;
        await delay(100);
      }
    };
    const run = await type("submit", "-c", "--max-tokens", "1m");
    const { child, ended } = startProgram({ cwd: folder, args: ["work"], env });
    t.after(() => void child.kill("SIGKILL"));
    await model.arrived(2);
    assert.match(await type("fleet", "cancel", run), /is at work, and is told to end/);
    assert.equal((await become("cancelled")).steps, 1);
    hangs = false;
    await type("fleet", "retry", run);
    const { exitCode, steps, verdicts } = await become("ended");
    assert.deepEqual([exitCode, steps, verdicts], [0, 3, ["proven"]]);
    child.kill("SIGTERM");
    assert.equal((await ended).code, 0);
  });
