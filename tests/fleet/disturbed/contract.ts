import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openRunQueue } from "../../../src/fleet/queue/run-queue.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { StoreDownError, type ListedRun, type RunStore } from "../../../src/fleet/store/run-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { bin, temporaryFolder } from "../../support/program.js";
import { seededNumbers } from "../../support/seeded-numbers.js";
import { SettingsError } from "../../../src/errors.js";
import { changeBudget } from "../../../src/subcommands/fleet/fleet.js";
import { withFleet } from "../../../src/subcommands/fleet/with-fleet.js";
import type { FakeOpenAi } from "../../support/services/fake-open-ai.js";
import { problemsIn, settingsOf, startOutside, startScriptedModel, workspaceOf } from "./runs.js";
import { startWorker, type Worker } from "./workers.js";

/** A server that these tests end and start again. */
export type ServerOfQueue = {
  port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** What else may be wrong with it: turned on, and off again. */
  troubles: Readonly<Record<string, (on: boolean) => Promise<unknown>>>;
};

const runs = Number(process.env["AUTOGPT_TEST_FLEET_RUNS"] ?? 200);
const seed = Number(process.env["AUTOGPT_TEST_SEED"] ?? Date.now() % 1_000_000);
const workers = 4;
const concurrency = 4;
const leaseMs = 3_000;
const restartEveryMs = 20_000;
/** Runs that were put off are taken again sooner. */
const stillMs = 60_000;
const flags = ["--continuous", "--max-tokens=1m"];

/** What may be done to a worker, and for how long in milliseconds. */
const disturbances: Readonly<Record<string, (worker: Worker, ms: number) => Promise<void>>> = {
  kill: (worker) => worker.replace(),
  async freeze(worker, ms) {
    worker.signal("SIGSTOP", false);
    await delay(ms);
    worker.signal("SIGCONT", false);
  },
  async "freeze with its runs"(worker, ms) {
    worker.signal("SIGSTOP", true);
    await delay(ms);
    worker.signal("SIGCONT", true);
  },
  async "cut off"({ proxy }, ms) {
    proxy.cut();
    await delay(ms);
    proxy.open();
  },
  async "let wait"({ proxy }, ms) {
    proxy.hold();
    await delay(ms);
    proxy.open();
  },
};

/** What holds for every queue: whatever is done to workers and the server, each run ends once, as if nothing had been done. */
export function disturbedContract(name: string, server: ServerOfQueue, urlAt: (port: number) => string): void {
  test(`${name}: ${runs} runs end once each, as undisturbed ones do, while workers are killed, stand still and are cut off, and the server is ended again and again`, async (t) => {
    t.diagnostic(`AUTOGPT_TEST_SEED=${seed}`);
    const random = seededNumbers(seed);
    const outside = await startOutside(t, () => random() * 200);
    const folder = await temporaryFolder(t);
    const model = await startScriptedModel(t, outside, () => 20 + random() * 300);
    const store = await openStore(urlAt(server.port));
    t.after(() => store.close());
    const environment = {
      ...{ OPENAI_API_BASE_URL: model.url, OPENAI_API_KEY: "sk-disturbed", MEMORY_BACKEND: "no_memory" },
      ...{ EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "none", ALLOW_UNSANDBOXED_SHELL: "True" },
      ...{ SHELL_COMMAND_CONTROL: "off", TAINT: "off" },
    };
    const options = { folder, port: server.port, urlAt, leaseMs, concurrency, program: bin, environment };
    const started: Worker[] = [];
    t.after(() => Promise.all(started.map((worker) => worker.end())));
    const said = (): string => `seed ${seed}\n${started.map((worker) => worker.said()).join("\n--\n")}`;
    started.push(await startWorker(options));
    const [undisturbed] = await submitRuns(urlAt(server.port), store, folder, 0, 1);
    assert.ok(undisturbed);
    const first = await untilOver(store, [undisturbed], said);
    assert.equal(first.get(undisturbed)?.status.exitCode, 0, JSON.stringify(first.get(undisturbed)?.status));
    const wanted = await workspaceOf(store, undisturbed);

    const submitted = await submitRuns(urlAt(server.port), store, folder, 1, runs);
    while (started.length < workers) started.push(await startWorker(options));
    const budget = await watchBudget(t, store, urlAt(server.port), model, first.get(undisturbed)?.status.costUsd ?? 0);
    const over = new AbortController();
    const disturbing = disturb(t, { server, workers: started, random, until: over.signal });
    const ended = await untilOver(store, submitted, said, budget).finally(() => over.abort());
    await disturbing;
    const bad: string[] = [];
    for (const run of submitted) {
      const status = ended.get(run)?.status;
      const stored = await store.read(run);
      const problems = problemsIn(stored?.lines ?? []);
      if (status?.exitCode !== 0) problems.push(JSON.stringify(status));
      const workspace = await workspaceOf(store, run);
      if (JSON.stringify(workspace) !== JSON.stringify(wanted)) problems.push(JSON.stringify(workspace).slice(0, 500));
      if (problems.length > 0) bad.push(`${run}: ${problems.join("; ")}`);
    }
    assert.deepEqual(bad, [], said());
    const { spent } = await store.budget();
    const costs = [undisturbed, ...submitted].map((run) => ended.get(run)?.status.costUsd ?? 0);
    const sum = costs.reduce((all, one) => all + Math.round(one * 1e9), 0);
    assert.equal(spent, sum, "what is set aside when no run is at work");
    const twice = [...outside.counts].filter(([, count]) => count > 1);
    assert.deepEqual(twice, [], said());
    t.diagnostic(`done outside: ${outside.counts.size} of ${2 * (runs + 1)}, none twice`);
  });
}

/** Puts runs in, with a workspace, and returns their names. */
async function submitRuns(
  url: string,
  store: RunStore,
  folder: string,
  from: number,
  count: number,
): Promise<string[]> {
  const workspace = join(folder, "given");
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, "given.txt"), "given\n");
  const queue = await openRunQueue(url, store);
  const names: string[] = [];
  for (let number = from; number < from + count; number++) {
    const order = { settings: settingsOf(number), begin: flags, resume: flags, after: [], priority: 100, tags: [] };
    const enqueue = (run: string): Promise<void> => queue.add(run, { priority: 100, tags: [], at: null });
    names.push(await submitRun(store, { order, workspace, about: {} }, enqueue, { earlier: names }));
  }
  await queue.close();
  return names;
}

/** What is known of these runs once all are over. Fails where nothing has changed for long. */
async function untilOver(
  store: RunStore,
  names: readonly string[],
  said: () => string,
  look: (left: readonly ListedRun[]) => Promise<void> = () => Promise.resolve(),
): Promise<Map<string, ListedRun>> {
  let [known, since] = ["", Date.now()];
  for (;;) {
    const all = await store.list().catch((thrown: unknown) => {
      if (thrown instanceof StoreDownError) return [];
      throw thrown;
    });
    const listed = new Map(all.map((one) => [one.run, one]));
    const isOver = (run: string): boolean => listed.get(run)?.status.state === "ended";
    if (names.every(isOver)) return listed;
    const left = names.filter((run) => !isOver(run)).map((run) => JSON.stringify(listed.get(run)));
    const now = left.join("\n");
    if (now !== known) [known, since] = [now, Date.now()];
    await look(names.flatMap((run) => (isOver(run) ? [] : (listed.get(run) ?? []))));
    if (Date.now() - since > stillMs)
      assert.fail(`nothing has changed for ${stillMs / 1000} s; ${left.length} runs are left:\n${now}\n${said()}`);
    await delay(250);
  }
}

/** Gives all runs together less than they need, and a little more whenever none of them can go on; never is it exceeded. */
async function watchBudget(
  t: TestContext,
  store: RunStore,
  url: string,
  model: FakeOpenAi,
  usdOfOne: number,
): Promise<(left: readonly ListedRun[]) => Promise<void>> {
  // A request whose answer was lost counts with all that was set aside for it.
  const stepUsd = (runs / 4) * usdOfOne + 1;
  let [limitUsd, raised] = [usdOfOne + stepUsd, 0];
  await store.limitBudget(Math.floor(limitUsd * 1e9));
  t.after(() => {
    t.diagnostic(
      `the budget was raised ${raised} times, to $${limitUsd}; the server has billed $${model.billed().usd}`,
    );
  });
  return async (left) => {
    const { usd } = model.billed();
    assert.ok(usd <= limitUsd + 1e-9, `the server has billed $${usd}, above $${limitUsd}`);
    const isPoor = left.some(({ status }) => status.needsUsd !== undefined);
    const moves = left.some(({ status }) => status.needsUsd === undefined && status.state !== "ended");
    if (!isPoor || moves) return;
    limitUsd += stepUsd;
    raised += 1;
    await withStoreUp(() => withFleet(url, (fleet) => changeBudget(fleet, Math.floor(limitUsd * 1e9))));
  };
}

/** Tries until the server is there. */
async function withStoreUp(work: () => Promise<void>): Promise<void> {
  for (;;)
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof SettingsError)) throw thrown;
      await delay(100);
    }
}

/** What a server that was ended has started may be there a little longer, and PostgreSQL does not start beside it. */
async function startAgain(server: ServerOfQueue): Promise<void> {
  for (let left = 40; ; left -= 1)
    try {
      return await server.start();
    } catch (thrown) {
      if (left === 0) throw thrown;
      await delay(500);
    }
}

type Disturbed = {
  server: ServerOfQueue;
  workers: readonly Worker[];
  random: () => number;
  until: AbortSignal;
};

/** Disturbs until it is told to stop; everything works again when this resolves. */
async function disturb(t: TestContext, { server, workers: all, random, until }: Disturbed): Promise<void> {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const busy = new Set<Worker>();
  const kinds = Object.keys(disturbances);
  const underWay: Promise<void>[] = [];
  let restartAt = Date.now() + restartEveryMs;
  while (!until.aborted) {
    await delay(800 + random() * 2_200, undefined, { signal: until }).catch(() => undefined);
    if (until.aborted) break;
    if (Date.now() >= restartAt) {
      restartAt += restartEveryMs;
      count("restart of the server");
      await server.kill();
      await delay(random() * 2_000);
      await startAgain(server);
    } else if (random() < 0.1) {
      const names = Object.keys(server.troubles);
      const name = names[Math.floor(random() * names.length)] as string;
      count(name);
      await server.troubles[name]?.(true);
      await delay(random() * leaseMs);
      await server.troubles[name]?.(false);
    }
    const worker = all[Math.floor(random() * all.length)] as Worker;
    const kind = kinds[Math.floor(random() * kinds.length)] as string;
    const ms = leaseMs * (0.3 + random() * 1.5);
    if (busy.has(worker)) continue;
    busy.add(worker);
    count(kind);
    const work = disturbances[kind] as (typeof disturbances)[string];
    underWay.push(work(worker, ms).finally(() => busy.delete(worker)));
  }
  await Promise.all(underWay);
  t.diagnostic(`disturbed: ${[...counts].map(([kind, times]) => `${kind} ${times}`).join(", ")}`);
}
