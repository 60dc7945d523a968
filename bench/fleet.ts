import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { loadBullmq } from "../src/fleet/queue/load-bullmq.js";
import { openRunQueue, type Turn } from "../src/fleet/queue/run-queue.js";
import { openStore } from "../src/fleet/store/open-store.js";
import type { RunStore } from "../src/fleet/store/run-store.js";
import { submitRun } from "../src/fleet/submit/submit-run.js";
import { startRedis } from "../tests/support/services/redis-server.js";
import { bin, median, report, startInstantServer, withFolder } from "./support/measure.js";

const concurrency = 4;
const [thousands, leaseMs] = [20, 30_000];
const flags = ["--continuous", "--continuous-limit=5"];
const settings = "ai_name: Bench\nai_role: an AI that is measured\nai_goals:\n  - Do nothing\n";
const order = { settings, begin: flags, resume: flags, after: [], priority: 100, tags: [] };
const turn: Turn = { priority: order.priority, tags: order.tags, at: null };

/**
 * Runs of a fleet on Redis against the same runs as programs of their own, and what a longer queue costs. In so many rounds of so many runs;
 * without rounds only the latter.
 */
export async function benchFleet([rounds = 5, runs = 200]: readonly number[]): Promise<void> {
  await withFolder(async (folder) => {
    const ends: (() => unknown)[] = [];
    const redis = await startRedis({ after: (end) => void ends.push(end as () => unknown), skip: () => undefined });
    if (redis === null) return console.log("needs redis-server");
    const url = `redis://127.0.0.1:${redis.port}`;
    const store = await openStore(url);
    try {
      if (rounds > 0) await benchRuns(folder, url, store, { rounds, runs });
      await redis.command("FLUSHALL");
      await benchQueue(url, store);
    } finally {
      await store.close();
      for (const end of ends.reverse()) await end();
    }
  });
}

type Counts = { rounds: number; runs: number };

async function benchRuns(folder: string, url: string, store: RunStore, { rounds, runs }: Counts): Promise<void> {
  const server = await startInstantServer("write");
  const models = {
    MEMORY_BACKEND: "no_memory",
    OPENAI_API_BASE_URL: server.url,
    SMART_LLM_MODEL: "bench",
    FAST_LLM_MODEL: "bench",
  };
  const env = { ...process.env, HOME: folder, OPENAI_API_KEY: "", QUEUE_URL: url, ...models };
  const [ratios, plains, fleets]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const plain = await plainRuns(folder, round, runs, env);
    const fleet = await fleetRuns(folder, url, store, runs, env);
    ratios?.push(plain / fleet);
    plains?.push(runs / (plain / 1000));
    fleets?.push(runs / (fleet / 1000));
  }
  const detail = `${median(fleets ?? []).toFixed(2)} runs a second against ${median(plains ?? []).toFixed(2)}; asked for: at least 0.7`;
  report(`runs of five steps by a worker ÷ by ${concurrency} programs at a time`, median(ratios ?? []), null, detail);
  server.close();
}

/** In milliseconds. */
async function plainRuns(folder: string, round: number, runs: number, env: NodeJS.ProcessEnv): Promise<number> {
  const numbers = Array.from({ length: runs }, (_one, index) => index).values();
  const start = performance.now();
  const work = async (): Promise<void> => {
    for (const number of numbers) {
      const workspace = join(folder, `plain-${round}-${number}`);
      await mkdir(workspace);
      const home = { AUTOGPT_HOME: join(folder, `home-${round}-${number}`) };
      const args = [bin, `--ai-settings=${join(folder, "ai_settings.yaml")}`, "--trust-folder", "--output-format=json"];
      const child = spawn(process.execPath, [...args, ...flags, `--workspace-directory=${workspace}`], {
        ...{ cwd: folder, env: { ...env, ...home }, stdio: "ignore" },
      });
      const [code] = (await once(child, "exit")) as [number];
      if (code !== 5) throw new Error(`A run has ended with ${code}.`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return performance.now() - start;
}

/** From when the runs may be taken until all have ended, in milliseconds. */
async function fleetRuns(
  folder: string,
  url: string,
  store: RunStore,
  runs: number,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const queue = await openRunQueue(url, store);
  await queue.pause();
  const names = await submitMany(store, (run) => queue.add(run, turn), runs);
  const worker = spawn(process.execPath, [bin, "work", `--concurrency=${concurrency}`], {
    ...{ cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] },
  });
  await once(worker.stderr, "data");
  worker.stderr.resume();
  const start = performance.now();
  await queue.resume();
  let ms = 0;
  for (const left = new Set(names); left.size > 0;) {
    await delay(100);
    const looked = await Promise.all([...left].slice(0, 10).map(async (run) => [run, await store.look(run)] as const));
    for (const [run, one] of looked) {
      if (one?.status.state !== "ended") continue;
      if (one.status.exitCode !== 5) throw new Error(`A run has ended with ${one.status.exitCode}.`);
      left.delete(run);
      ms = performance.now() - start;
    }
  }
  worker.kill("SIGTERM");
  await once(worker, "exit");
  await queue.close();
  return ms;
}

async function submitMany(store: RunStore, enqueue: (run: string) => Promise<void>, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let number = 0; number < count; number++)
    names.push(await submitRun(store, { order, workspace: null, about: {} }, enqueue, { earlier: names }));
  return names;
}

/** How long it takes to put in a thousand runs, and to take a thousand, at the end of a long queue and of a short one. */
async function benchQueue(url: string, store: RunStore): Promise<void> {
  const queue = await openRunQueue(url, store);
  const [puts, takes]: [number[], number[]] = [[], []];
  for (let thousand = 0; thousand < thousands; thousand++) {
    const start = performance.now();
    await submitMany(store, (run) => queue.add(run, turn), 1_000);
    puts.push(performance.now() - start);
  }
  const bullmq = await loadBullmq(url, () => undefined);
  let [taken, start] = [0, performance.now()];
  const worker = await new Promise<{ close(): Promise<void> }>((resolve) => {
    const carry = async (run: string): Promise<object> => {
      const lease = await store.acquire(run, "bench", leaseMs);
      await store.read(run);
      if (typeof lease === "object") await store.release(run, lease.epoch);
      taken += 1;
      if (taken % 1_000 === 0) {
        takes.push(performance.now() - start);
        start = performance.now();
      }
      if (taken === thousands * 1_000) resolve(made);
      return {};
    };
    const made = bullmq.worker(carry, concurrency, leaseMs);
  });
  await worker.close();
  bullmq.close();
  await queue.close();
  // Of runs that are taken the first thousand has the longest queue behind it.
  takes.reverse();
  for (const [what, times] of [
    ["put in", puts],
    ["taken", takes],
  ] as const) {
    const [few, many] = [median(times.slice(1, 6)), median(times.slice(-5))];
    report(`a thousand runs ${what} at ${thousands * 1_000} ÷ at few`, many / few, 1.1, `${few.toFixed(0)} ms at few`);
  }
}
