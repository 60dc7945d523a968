import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "./workers.js";

/** A server that these tests end and start again. */
export type ServerOfQueue = {
  port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** What else may be wrong with it: turned on, and off again. */
  troubles: Readonly<Record<string, (on: boolean) => Promise<unknown>>>;
};

const restartEveryMs = 20_000;

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

export type Disturbed = {
  server: ServerOfQueue;
  workers: readonly Worker[];
  /** For how long a worker takes a run at a time, in milliseconds: what is done lasts about that long. */
  leaseMs: number;
  random: () => number;
  until: AbortSignal;
};

/** Disturbs until it is told to stop; everything works again when this resolves. */
export async function disturb(
  t: TestContext,
  { server, workers: all, leaseMs, random, until }: Disturbed,
): Promise<void> {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const busy = new Set<Worker>();
  const kinds = Object.keys(disturbances);
  const underWay: Promise<void>[] = [];
  let restartAt = Date.now() + restartEveryMs;
  while (!until.aborted) {
    // As often as every 0.8 to 3 seconds where a run is taken for three: a machine that is slower has more time between.
    await delay(leaseMs * (0.27 + random() * 0.73), undefined, { signal: until }).catch(() => undefined);
    if (until.aborted) break;
    if (Date.now() >= restartAt) {
      count("restart of the server");
      await server.kill();
      await delay(random() * 2_000);
      await startAgain(server);
      // Where its start takes long, it would hardly be there any more.
      restartAt = Date.now() + Math.max(restartEveryMs, leaseMs * 4);
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
