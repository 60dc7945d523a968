import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { loadBullmq } from "../../../src/fleet/queue/load-bullmq.js";
import { openRunQueue } from "../../../src/fleet/queue/run-queue.js";
import { takeTagged } from "../../../src/fleet/queue/take-tagged.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { runInProcess } from "../../support/in-process.js";
import { temporaryFolder } from "../../support/program.js";

/** A worker with tags that takes one run at a time and does nothing with it; `upTo` resolves to what it has taken by then. */
async function openTaker(t: TestContext, url: string, tags: readonly string[]) {
  const store = await openStore(url);
  t.after(() => store.close());
  const taken: string[] = [];
  let told: () => void = () => undefined;
  const bullmq = await loadBullmq(url, (message) => assert.fail(message));
  const taker = takeTagged({
    ...{ bullmq, store, tags, concurrency: 1, lockMs: 60_000 },
    carry(run, job) {
      taken.push(run);
      told();
      if (taken.filter((one) => one === run).length === 1 && run.startsWith("put off")) return job.putOff(1);
      return run.startsWith("fails") ? Promise.reject(job.fail("told to")) : Promise.resolve({ run });
    },
    onError: (message) => assert.fail(message),
  });
  await taker.ready();
  t.after(async () => {
    await taker.close();
    bullmq.close();
  });
  const upTo = async (count: number): Promise<string[]> => {
    while (taken.length < count) await new Promise<void>((resolve) => (told = resolve));
    return taken;
  };
  return { upTo };
}

/** What holds for every queue whose runs ask for tags. */
export function tagsContract(name: string, url: () => string): void {
  test(`${name}: a worker with tags takes the runs that it fits, by their priorities, and no others`, async (t) => {
    const store = await openStore(url());
    t.after(() => store.close());
    const queue = await openRunQueue(url(), store);
    t.after(() => queue.close());
    await queue.pause();
    const put = (run: string, priority: number, tags: readonly string[], at: number | null = null): Promise<void> =>
      queue.add(run, { priority, tags, at });
    await put("third", 30, ["gpu"]);
    await put("put off fourth", 40, ["gpu", "web"]);
    await put("nobody's", 1, ["gpu", "tpu"]);
    await put("second", 20, []);
    await put("fails first", 10, ["web"]);
    await put("later", 5, ["web"], Date.now() + 3_600_000);
    await put("taken out", 2, ["web"]);
    await queue.remove("taken out", ["web"]);
    assert.deepEqual(await queue.state(), { paused: true, waiting: 5, active: 0, delayed: 1 });
    const { upTo } = await openTaker(t, url(), ["gpu", "web"]);
    await queue.resume();
    const all = ["fails first", "second", "third", "put off fourth", "put off fourth"];
    assert.deepEqual(await upTo(5), all);
    // A set of tags that nobody has asked for before is found, and a run that is over is put in anew.
    await put("third", 30, ["gpu"]);
    await upTo(6);
    await put("fifth", 50, ["gpu", "web"]);
    assert.deepEqual(await upTo(7), [...all, "third", "fifth"]);
    for (let state = await queue.state(); state.active > 0; state = await queue.state());
    assert.deepEqual(await queue.state(), { paused: false, waiting: 1, active: 0, delayed: 1 });
    await queue.remove("nobody's", ["gpu", "tpu"]);
    await queue.remove("later", ["web"]);
  });

  test(`${name}: runs for which no worker has the tags are told with what is missing`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "ai_settings.yaml"), "ai_name: A\nai_role: an AI\nai_goals: [Write]\n");
    const type = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runInProcess({ cwd: folder, args, env: { QUEUE_URL: url() } });
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    const store = await openStore(url());
    t.after(() => store.close());
    await store.announce({ worker: "a:1", tags: ["gpu", "web"], concurrency: 1 }, 60_000);
    await store.announce({ worker: "b:1", tags: ["big"], concurrency: 1 }, 60_000);
    const run = await type("submit", "-c", "--tags", "TPU, gpu,gpu");
    await type("submit", "-c", "--tags", "big,gpu");
    const fits = await type("submit", "-c", "--tags", "web");
    const shown = await type("fleet");
    assert.match(shown, /^1 run cannot be taken: no worker has tpu\. Start one: autogpt work --tags gpu,tpu$/m);
    assert.match(shown, /^1 run cannot be taken: no worker has all of big,gpu\. /m);
    assert.match(shown, new RegExp(`^${fits} .* web `, "m"));
    const { runs, workers } = JSON.parse(await type("fleet", "--json")) as {
      runs: { run: string; tags: string[]; missingTags?: string[] }[];
      workers: object[];
    };
    assert.deepEqual(workers[1], { worker: "b:1", tags: ["big"], concurrency: 1 });
    const one = runs.find((listed) => listed.run === run);
    assert.deepEqual([one?.tags, one?.missingTags], [["gpu", "tpu"], ["tpu"]]);
    assert.equal(runs.find((listed) => listed.run === fits)?.missingTags, undefined);
    const wrong = await runInProcess({ cwd: folder, args: ["submit", "--tags", "a b"], env: { QUEUE_URL: url() } });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--tags must be words such as gpu,web, .*, not "a b"/);
    for (const { run: listed } of runs) await type("fleet", "cancel", listed);
    for (const worker of ["a:1", "b:1"]) await store.withdraw(worker);
  });
}
