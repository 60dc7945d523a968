import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openRunQueue } from "../../../src/fleet/queue/run-queue.js";
import { openMetrics } from "../../../src/fleet/metrics/open-metrics.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { work } from "../../../src/fleet/worker/work.js";
import { runInProcess } from "../../support/in-process.js";
import { bin, temporaryFolder } from "../../support/program.js";
import { reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";

/** What holds for the metrics of a worker, whichever server its queue has. */
export function metricsContract(
  name: string,
  start: (t: TestContext) => Promise<{ url: string; kill(): Promise<void> } | null>,
): void {
  test(`${name}: a worker tells of itself: its runs, their ends and costs, its store and its queue, and no names`, async (t) => {
    const server = await start(t);
    if (server === null) return;
    const { url } = server;
    const model = await startFakeOpenAi({ chat: () => reply("task_complete", { reason: "Done." }) });
    t.after(() => model.close());
    const folder = await temporaryFolder(t);
    const store = await openStore(url);
    t.after(() => store.close());
    const queue = await openRunQueue(url, store);
    t.after(() => queue.close());
    const order = {
      settings: "ai_name: Hidden\nai_role: a secret AI\nai_goals: [Private]\n",
      begin: ["-c", "--max-cost=5"],
    };
    const put = (settings: string): Promise<string> =>
      submitRun(
        store,
        { order: { ...order, settings, resume: [], after: [], priority: 100, tags: [] }, workspace: null, about: {} },
        (run) => queue.add(run, { priority: 100, tags: [], at: null }),
      );
    await put(order.settings);
    await put("ai_name: [broken\n");
    await queue.add("later", { priority: 100, tags: ["gpu"], at: Date.now() + 3_600_000 });
    await store.limitBudget(9e9);

    const over = new AbortController();
    const said: string[] = [];
    let tell: () => void = () => undefined;
    const working = work({
      ...{
        address: url,
        concurrency: 1,
        tags: [],
        leaseMs: 60_000,
        artifacts: { url: undefined, variable: () => undefined },
        place: join(folder, "state"),
        program: bin,
        cwd: folder,
      },
      environment: {
        ...{ PATH: process.env["PATH"], HOME: folder, MEMORY_BACKEND: "no_memory" },
        ...{ OPENAI_API_KEY: "sk-hidden", OPENAI_API_BASE_URL: model.url, MODEL_CATALOG: "" },
      },
      metrics: { host: "127.0.0.1", port: 0 },
      signal: over.signal,
      say(text) {
        said.push(text);
        tell();
      },
    });
    const heard = async (fits: RegExp, count = 1): Promise<string> => {
      for (;;) {
        const found = said.filter((text) => fits.test(text));
        if (found.length >= count) return found[0] as string;
        await new Promise<void>((resolve) => (tell = resolve));
      }
    };
    const at = (await heard(/Its metrics are at/)).replace(/.* /, "");
    await heard(/has ended with exit code/, 2);
    const read = async (): Promise<string> => (await fetch(at)).text();
    let text = await read();
    // The last of a run is counted right after it was said.
    while (!/runs_at_work 0\n/.test(text)) text = await read();
    const value = (name: string): number =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length + 1),
      );
    assert.equal(value("autogpt_worker_runs_taken_total"), 2);
    assert.equal(value('autogpt_worker_runs_left_total{how="ended",exit_code="0"}'), 1, text);
    assert.equal(value('autogpt_worker_runs_left_total{how="ended",exit_code="2"}'), 1);
    assert.equal(value("autogpt_worker_leases_lost_total"), 0);
    assert.ok(value("autogpt_worker_cost_usd_total") > 0);
    assert.equal(value("autogpt_worker_cost_usd_total"), value("autogpt_fleet_cost_usd"));
    assert.equal(value("autogpt_fleet_limit_usd"), 9);
    assert.equal(value('autogpt_worker_reservations_total{granted="true"}'), 1);
    assert.deepEqual(
      ["waiting", "active", "delayed"].map((state) => value(`autogpt_queue_runs{state="${state}"}`)),
      [0, 0, 1],
    );
    assert.equal(value("autogpt_fleet_workers"), 1);
    assert.ok(value('autogpt_store_call_seconds_count{call="commit"}') > 4);
    for (const hidden of ["Hidden", "Private", "sk-hidden", folder]) assert.ok(!text.includes(hidden), hidden);

    const health = at.replace("/metrics", "/health");
    const well = await fetch(health);
    assert.deepEqual([well.status, ((await well.json()) as { ok: boolean }).ok], [200, true]);
    assert.equal((await fetch(at.replace("/metrics", "/"))).status, 404);
    assert.equal((await fetch(at, { method: "POST" })).status, 405);
    const port = new URL(at).port;
    const taken = await runInProcess({ cwd: folder, args: ["work", "--metrics-port", port], env: { QUEUE_URL: url } });
    assert.deepEqual(
      [taken.code, /cannot be served at port \d+ of 127\.0\.0\.1/.test(taken.stderr)],
      [2, true],
      taken.stderr,
    );
    const wrong = await runInProcess({ cwd: folder, args: ["work", "--metrics-port", "x"], env: { QUEUE_URL: url } });
    assert.match(wrong.stderr, /--metrics-port must be a port such as 9464, not "x"/);

    over.abort();
    await working;

    const lone = await openMetrics({ host: "127.0.0.1", port: 0 }, { address: url, store, concurrency: 1, leaseMs: 1 });
    t.after(() => lone.close());
    await server.kill();
    while ((await fetch(lone.url.replace("/metrics", "/health"))).status !== 503);
    text = await (await fetch(lone.url)).text();
    assert.ok(Number.isNaN(value("autogpt_fleet_workers")), "what only the store knows is left out");
    assert.ok(value("autogpt_store_answered_seconds_ago") >= 0.001);
  });
}
