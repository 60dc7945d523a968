import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { work } from "../../../src/fleet/worker/work.js";
import { runInProcess } from "../../support/in-process.js";
import { bin, temporaryFolder } from "../../support/program.js";
import { repliesShown, reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";

const script = [
  reply("write_to_file", { file: "notes.txt", text: "one" }),
  reply("append_to_file", { file: "notes.txt", text: " two" }),
  reply("task_complete", { reason: "Done." }),
];
const settings = `ai_name: Clerk
ai_role: an AI that is restored
ai_goals:
  - goal: Write notes
    checks:
      - file_contains: { file: notes.txt, pattern: "^one two$" }
`;

type Shown = { runs: { run: string; state: string; exitCode?: number; steps: number; costUsd: number }[] };

/** Starts a worker that takes a run for two seconds at a time; it can be ended. */
function startWorker(t: TestContext, folder: string, address: string, environment: Record<string, string>) {
  const over = new AbortController();
  const working = work({
    ...{ address, concurrency: 2, tags: [], leaseMs: 2_000, place: join(folder, "state"), program: bin, cwd: folder },
    artifacts: { url: undefined, variable: () => undefined },
    environment: { PATH: process.env["PATH"], HOME: folder, ...environment },
    signal: over.signal,
    say: () => undefined,
  });
  const end = async (): Promise<void> => {
    over.abort();
    await working;
  };
  t.after(end);
  return { end };
}

/**
 * What holds for every queue that is backed up while a run is at work: `backUp` makes the backup, and resolves to what starts an empty server
 * with it and gives its address.
 */
export function restoreContract(
  name: string,
  url: string,
  backUp: (t: TestContext) => Promise<() => Promise<string>>,
): void {
  test(`${name}: runs of a backup go on from there on an empty server, and what they did after it is done again`, async (t) => {
    let hangs = true;
    let arrive: () => void = () => undefined;
    let release: (text: string) => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    t.after(() => release(""));
    const model = await startFakeOpenAi({
      chat(request) {
        const next = script[repliesShown(request)] ?? "nothing is left";
        if (repliesShown(request) !== 1 || !hangs) return next;
        hangs = false;
        arrive();
        return new Promise((resolve) => (release = resolve));
      },
    });
    t.after(() => model.close());
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "ai.yaml"), settings);
    const environment = { OPENAI_API_BASE_URL: model.url, OPENAI_API_KEY: "sk-restored", MEMORY_BACKEND: "no_memory" };
    const type = async (address: string, ...args: string[]): Promise<string> => {
      const env = { ...environment, QUEUE_URL: address };
      const { code, stdout, stderr } = await runInProcess({ cwd: folder, args, input: "", env });
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    const look = async (address: string): Promise<Shown> => JSON.parse(await type(address, "fleet", "--json")) as Shown;
    const until = async (address: string, run: string, state: string): Promise<Shown["runs"][number]> => {
      for (;;) {
        const one = (await look(address)).runs.find((listed) => listed.run === run);
        if (one?.state === state) return one;
        await delay(100);
      }
    };
    const submit = (...more: string[]): Promise<string> =>
      type(url, "submit", "ai.yaml", "-c", "--max-cost=5", ...more);
    const flying = await submit();
    const late = await submit("--at", "1h");
    const first = startWorker(t, folder, url, environment);
    await arrived;
    const restore = await backUp(t);
    release(script[1] as string);
    assert.equal((await until(url, flying, "ended")).exitCode, 0);
    await first.end();
    const asked = model.chatRequests().length;
    assert.equal(asked, 3);

    const restored = await restore();
    const there = (await look(restored)).runs;
    const states = new Map(there.map(({ run, state }) => [run, state]));
    assert.deepEqual([there.length, states.get(flying), states.get(late)], [2, "running", "waiting"]);
    await type(restored, "fleet", "pause");
    startWorker(t, folder, restored, environment);
    const other = await type(restored, "submit", "ai.yaml", "-c", "--max-cost=5");
    await type(restored, "fleet", "resume");
    const done = await until(restored, flying, "ended");
    assert.deepEqual([done.exitCode, done.steps], [0, 3]);
    assert.equal((await until(restored, other, "ended")).exitCode, 0);
    assert.equal((await until(restored, late, "waiting")).steps, 0);
    // The request that was under way is sent again, and what came after it.
    assert.equal(model.chatRequests().length, asked + 2 + 3);
    assert.match(await type(restored, "fleet"), /1 worker/);
  });
}
