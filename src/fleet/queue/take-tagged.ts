import { randomUUID } from "node:crypto";
import type { Job, Queue, Worker } from "bullmq";
import { sleep } from "../../base/abort.js";
import { messageOf } from "../../errors.js";
import type { RunStore } from "../store/run-store.js";
import type { Bullmq, CarryJob, RunJob } from "./load-bullmq.js";
import { knownTagSets, takes, type Tags } from "./tags.js";

export type TakeOptions = {
  bullmq: Pick<Bullmq, "queue" | "manualWorker">;
  store: Pick<RunStore, "shared">;
  tags: Tags;
  concurrency: number;
  lockMs: number;
  carry: CarryJob;
  onError(message: string): void;
};

/** Takes runs until it is closed. */
export type Taker = {
  /** Rejects where the queue's server does not take what the library needs. */
  ready(): Promise<void>;
  /** Takes no more, and resolves when those at work are put off or have ended. */
  close(): Promise<void>;
};

/** How long to wait before the queues are looked at again where nothing is in them. */
const idleMs = 1_000;

/** One of the queues from which this worker takes, and the library's worker that takes from it when it is told to. */
type Source = { queue: Queue<RunJob>; worker: Worker<RunJob> };

/**
 * Takes runs for a worker with tags: those that ask for none, and those that ask for some of its own. Each set of tags has a queue; the run
 * with the first priority of all of them is taken, and of equal ones the one that has waited longest.
 */
export function takeTagged(options: TakeOptions): Taker {
  const { concurrency, onError } = options;
  const sources = openSources(options);
  const over = new AbortController();
  const atWork = new Set<Promise<void>>();
  const takeSome = async (): Promise<void> => {
    while (!over.signal.aborted) {
      if (atWork.size >= concurrency) {
        await Promise.race(atWork);
        continue;
      }
      const taken = await sources.next().catch((thrown: unknown) => {
        if (!over.signal.aborted) onError(messageOf(thrown));
        return null;
      });
      if (taken === null) {
        await Promise.race([sleep(idleMs, over.signal).catch(() => undefined), ...atWork]);
        continue;
      }
      const done = taken.carry().then(
        () => void atWork.delete(done),
        (thrown: unknown) => {
          atWork.delete(done);
          onError(messageOf(thrown));
        },
      );
      atWork.add(done);
    }
  };
  let taking: Promise<void> = Promise.resolve();
  return {
    async ready() {
      await sources.ready();
      taking = takeSome();
    },
    async close() {
      over.abort();
      await taking;
      await Promise.all(atWork);
      await sources.close();
    },
  };
}

function openSources({ bullmq, store, tags, lockMs, carry }: TakeOptions) {
  const sources = new Map<string, Source>();
  const sourceOf = async (set: Tags): Promise<Source> => {
    const name = String(set);
    const known = sources.get(name);
    if (known !== undefined) return known;
    const made = { queue: bullmq.queue(set), worker: bullmq.manualWorker(set, carry, lockMs) };
    sources.set(name, made);
    await made.worker.waitUntilReady();
    await made.worker.startStalledCheckTimer();
    return made;
  };
  return {
    ready: async () => void (await sourceOf([])),
    /** The next run, which is this worker's by then; null where there is none, or the queue is paused. */
    async next(): Promise<{ carry(): Promise<void> } | null> {
      const untagged = await sourceOf([]);
      if (await untagged.queue.isPaused()) return null;
      const fitting = (await knownTagSets(store)).filter((set) => takes(tags, set));
      const open = [untagged, ...(await Promise.all(fitting.map(sourceOf)))];
      const heads = await Promise.all(open.map(async (source) => ({ source, head: await headOf(source.queue) })));
      for (const { source } of heads.sort((one, other) => inOrder(one.head, other.head))) {
        const token = randomUUID();
        const job = await source.worker.getNextJob(token, { block: false });
        if (job) return { carry: () => carryHeld(source.worker, job, token, lockMs) };
      }
      return null;
    },
    async close(): Promise<void> {
      for (const { queue, worker } of sources.values()) {
        await worker.close();
        await queue.close();
      }
    },
  };
}

/** When the next run of a queue is to be taken: by priority, then by the time at which it was put in. */
type Head = { priority: number; time: number };
const nothing: Head = { priority: Infinity, time: Infinity };
const inOrder = (one: Head, other: Head): number =>
  compare(one.priority, other.priority) || compare(one.time, other.time);
const compare = (one: number, other: number): number => (one < other ? -1 : one > other ? 1 : 0);

/**
 * Runs whose delay is over are moved to those that wait only when the queue is asked for one. On Redis those whose workers died wait apart,
 * and are taken before all others of their queue.
 */
async function headOf(queue: Queue<RunJob>): Promise<Head> {
  const [left, waiting, delayed] = await Promise.all(
    (["waiting", "prioritized", "delayed"] as const).map((state) => queue.getJobs([state], 0, 0, true)),
  );
  const due = (delayed ?? []).filter(({ timestamp, delay }) => timestamp + delay <= Date.now());
  return (left?.length ? left : [...(waiting ?? []), ...due])
    .map(({ priority, timestamp }): Head => ({ priority, time: timestamp }))
    .reduce((one, other) => (inOrder(one, other) <= 0 ? one : other), nothing);
}

/** The library renews the lock of jobs that it takes by itself alone. */
async function carryHeld(worker: Worker<RunJob>, job: Job<RunJob>, token: string, lockMs: number): Promise<void> {
  // Where the lock is lost, the store says whose the run is.
  const timer = setInterval(() => void job.extendLock(token, lockMs).catch(() => undefined), lockMs / 3);
  try {
    await worker.processJob(job, token, () => false);
  } finally {
    clearInterval(timer);
  }
}
