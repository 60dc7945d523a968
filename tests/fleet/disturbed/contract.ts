import assert from "node:assert/strict";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openRunQueue } from "../../../src/fleet/queue/run-queue.js";
import { openStoreWithArtifacts } from "../../../src/fleet/artifacts/open-artifacts.js";
import { StoreDownError, type ListedRun, type RunStore } from "../../../src/fleet/store/run-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { bin, temporaryFolder } from "../../support/program.js";
import { seededNumbers } from "../../support/seeded-numbers.js";
import { watchBudget } from "./budget.js";
import { disturb, type ServerOfQueue } from "./disturb.js";
import { problemsIn, settingsOf, startOutside, startScriptedModel, workspaceOf } from "./runs.js";
import { startWorker, type Worker } from "./workers.js";

const runs = Number(process.env["AUTOGPT_TEST_FLEET_RUNS"] ?? 200);
const seed = Number(process.env["AUTOGPT_TEST_SEED"] ?? Date.now() % 1_000_000);
const workers = 4;
const concurrency = 4;
/** For how long a worker takes a run at a time, at least: on a slow machine as long as a whole run takes undisturbed. */
const leastLeaseMs = 3_000;
/** For how long nothing may change, in such times: runs that were put off are taken again sooner. */
const stillLeases = 20;
const flags = ["--continuous", "--max-tokens=1m"];

/** What holds for every queue: whatever is done to workers and the server, each run ends once, as if nothing had been done. */
export function disturbedContract(name: string, server: ServerOfQueue, urlAt: (port: number) => string): void {
  test(`${name}: ${runs} runs end once each, as undisturbed ones do, while workers are killed, stand still and are cut off, and the server is ended again and again`, async (t) => {
    t.diagnostic(`AUTOGPT_TEST_SEED=${seed}`);
    const random = seededNumbers(seed);
    const outside = await startOutside(t, () => random() * 200);
    const folder = await temporaryFolder(t);
    const model = await startScriptedModel(t, outside, () => 20 + random() * 300);
    // What runs have above 1 MB lies in a folder, which is away now and then, too.
    const artifacts = join(folder, "artifacts");
    await mkdir(artifacts);
    const place = { url: artifacts, variable: () => undefined };
    const store = await openStoreWithArtifacts(urlAt(server.port), place);
    t.after(() => store.close());
    const environment = {
      ...{ OPENAI_API_BASE_URL: model.url, OPENAI_API_KEY: "sk-disturbed", MEMORY_BACKEND: "no_memory" },
      ...{ EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "none", ALLOW_UNSANDBOXED_SHELL: "True" },
      ...{ SHELL_COMMAND_CONTROL: "off", TAINT: "off" },
    };
    const isAway = (on: boolean): Promise<void> => {
      const [from, to] = on ? [artifacts, `${artifacts}.away`] : [`${artifacts}.away`, artifacts];
      return rename(from, to);
    };
    const troubled = { ...server, troubles: { ...server.troubles, "large files away": isAway } };
    const options = { folder, artifacts, port: server.port, urlAt, concurrency, program: bin, environment };
    const started: Worker[] = [];
    t.after(() => Promise.all(started.map((worker) => worker.end())));
    const said = (): string => `seed ${seed}\n${started.map((worker) => worker.said()).join("\n--\n")}`;
    const begin = Date.now();
    const quiet = await startWorker({ ...options, leaseMs: 600_000 });
    started.push(quiet);
    const [undisturbed] = await submitRuns(urlAt(server.port), store, folder, 0, 1);
    assert.ok(undisturbed);
    const first = await untilOver(store, [undisturbed], { said, stillMs: 600_000 });
    assert.equal(first.get(undisturbed)?.status.exitCode, 0, JSON.stringify(first.get(undisturbed)?.status));
    const wanted = await workspaceOf(store, undisturbed);
    await quiet.end();
    started.length = 0;
    const leaseMs = Math.max(leastLeaseMs, Date.now() - begin);
    t.diagnostic(`a run is held for ${leaseMs} ms at a time`);

    const submitted = await submitRuns(urlAt(server.port), store, folder, 1, runs);
    while (started.length < workers) started.push(await startWorker({ ...options, leaseMs }));
    const budget = await watchBudget(t, store, urlAt(server.port), model, {
      ...{ runs, usdOfOne: first.get(undisturbed)?.status.costUsd ?? 0 },
    });
    const over = new AbortController();
    const disturbing = disturb(t, { server: troubled, workers: started, leaseMs, random, until: over.signal });
    const watched = { said, stillMs: stillLeases * leaseMs, look: budget };
    const ended = await untilOver(store, submitted, watched).finally(() => over.abort());
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
  await writeFile(join(workspace, "given.bin"), Buffer.alloc(1_100_000, "given"));
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
  { said, stillMs, look }: { said(): string; stillMs: number; look?(left: readonly ListedRun[]): Promise<void> },
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
    await look?.(names.flatMap((run) => (isOver(run) ? [] : (listed.get(run) ?? []))));
    if (Date.now() - since > stillMs)
      assert.fail(`nothing has changed for ${stillMs / 1000} s; ${left.length} runs are left:\n${now}\n${said()}`);
    await delay(250);
  }
}
