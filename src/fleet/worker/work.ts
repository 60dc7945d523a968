import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { onAbort } from "../../base/abort.js";
import { isRunning } from "../../base/process/is-running.js";
import { messageOf, SettingsError } from "../../errors.js";
import { within } from "../../base/waiting/within.js";
import type { Worker } from "bullmq";
import { measuredStore } from "../metrics/measured-store.js";
import { openMetrics } from "../metrics/open-metrics.js";
import type { WorkerMetrics } from "../metrics/metrics.js";
import type { MetricsAddress } from "../metrics/serve.js";
import { loadBullmq, type CarryJob, type RunJob } from "../queue/load-bullmq.js";
import type { Tags } from "../queue/tags.js";
import { takeTagged, type Taker } from "../queue/take-tagged.js";
import { openStoreWithArtifacts, type ArtifactsOptions } from "../artifacts/open-artifacts.js";
import type { RunStore, WorkerFacts } from "../store/run-store.js";
import { carryJob } from "./carry-job.js";
import type { Carried, CarryOptions } from "./carry-run.js";
import { watchKey } from "./key-watch.js";

export type WorkOptions = Pick<CarryOptions, "program" | "cwd" | "environment" | "leaseMs" | "signal"> & {
  /** The queue's address. */
  address: string;
  /** The place of large files. */
  artifacts: Pick<ArtifactsOptions, "url" | "variable">;
  /** How many runs are carried out at a time. */
  concurrency: number;
  /** What it has: it takes runs that ask for some of it, and those that ask for nothing. */
  tags: Tags;
  /** Where what it tells of itself is served; nowhere unless told. */
  metrics?: MetricsAddress | undefined;
  /** Where folders of runs lie while they are at work. */
  place: string;
  /** Is told what the worker does; no secret is in it. */
  say(text: string): void;
};

/** How long a worker waits for its runs to end, in milliseconds. */
const runsMs = 20_000;
/** And then for the queue's server to be told what became of them, and that the worker is gone: one that is away finds that out. */
const tellMs = 2_000;

/**
 * Takes runs from the queue and carries them out, until `signal` is aborted. Throws SettingsError where the queue cannot be used, and where
 * the model's server refuses this worker's key: its runs are for other workers then.
 */
export async function work(options: WorkOptions): Promise<void> {
  const { address, place } = options;
  const folder = await newFolder(place);
  const closings = [() => rm(folder, { recursive: true, force: true })];
  try {
    const warn = warnOnce(options.say);
    const store = await openStoreWithArtifacts(address, { ...options.artifacts, onTrouble: warn });
    closings.push(() => store.close());
    for (const warning of store.warnings) warn(warning);
    await workFrom(store, folder, { ...options, warn }, closings);
  } finally {
    for (const close of closings.reverse()) await close();
  }
}

function warnOnce(say: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    say(`WARNING: ${text}`);
  };
}

/** `closings` gets what is to be closed at the end, the last of it first. */
async function workFrom(
  opened: RunStore,
  folder: string,
  options: WorkOptions & { warn: (text: string) => void },
  closings: (() => Promise<void>)[],
): Promise<void> {
  const { address, concurrency, tags, leaseMs, metrics: served, say, warn, signal } = options;
  const open = { address, store: opened, concurrency, leaseMs };
  const exposed = served === undefined ? null : await openMetrics(served, open);
  if (exposed !== null) closings.push(() => exposed.close());
  const metrics = exposed?.metrics ?? null;
  const store = metrics === null ? opened : measuredStore(opened, metrics);
  const warnOfQueue = (text: string): void => warn(`the queue: ${text}`);
  const bullmq = await loadBullmq(address, warnOfQueue);
  const holder = `${hostname()}:${process.pid}`;
  const refused = new AbortController();
  const ending = AbortSignal.any([signal, refused.signal]);
  const runs = carriedRuns({ ...options, signal: ending, store, holder, folder }, metrics, (why) => refused.abort(why));
  const taker =
    tags.length === 0
      ? takeUntagged(bullmq.worker(runs.carry, concurrency, leaseMs))
      : takeTagged({ bullmq, store, tags, concurrency, lockMs: leaseMs, carry: runs.carry, onError: warnOfQueue });
  const presence = await announceWhileThere(store, { worker: holder, tags, concurrency }, leaseMs);
  closings.push(async () => {
    const closed = taker.close();
    await within(runs.ended(), runsMs).catch(() => undefined);
    const isTold = await Promise.all([isDoneWithin(closed, tellMs), isDoneWithin(presence.end(), tellMs)]);
    bullmq.close();
    if (isTold.includes(false))
      say(`${store.place} could not be told that the worker has ended: others go on with its runs when it is missed.`);
  });
  const ready = taker.ready().catch((thrown: unknown) => {
    throw new SettingsError(
      `The queue cannot be used (${messageOf(thrown)}). Mend its server, or name another one in QUEUE_URL.`,
      { cause: thrown },
    );
  });
  const ended = new Promise<void>((resolve) => onAbort(ending, resolve));
  await Promise.race([ready, ended]);
  if (signal.aborted) return;
  const having = tags.length === 0 ? "" : ` with the tags ${tags.join(",")}`;
  say(`The worker ${holder}${having} takes runs from ${store.place}, ${concurrency} at a time.`);
  if (exposed !== null) say(`Its metrics are at ${exposed.url}`);
  await ended;
  if (refused.signal.aborted && !signal.aborted)
    throw new SettingsError(
      `${String(refused.signal.reason)} This worker takes no more runs, so that these can go to others; what it had is tried again in five minutes.`,
    );
}

/** Carries out runs of the queue. */
function carriedRuns(
  options: Omit<CarryOptions, "run"> & Pick<WorkOptions, "say">,
  metrics: WorkerMetrics | null,
  onRefusedKey: (why: string) => void,
): { carry: CarryJob; ended(): Promise<unknown> } {
  const atWork = new Set<Promise<unknown>>();
  const key = watchKey();
  return {
    async carry(run, job) {
      // The library may have taken it when it was told to take no more.
      if (options.signal.aborted) return job.putOff(0);
      let carried: Carried | null = null;
      const leave = metrics?.taken();
      const onCarried = (what: Carried): void => {
        carried = what;
        if (key.isRefused(run, what) && what.kind === "done") onRefusedKey(what.status.message ?? "A key was refused.");
      };
      const done = carryJob({ ...options, run, onCarried, endsRefusedKey: key.endsRun }, options.say, job);
      atWork.add(done);
      try {
        return await done;
      } finally {
        atWork.delete(done);
        leave?.(carried);
      }
    },
    ended: () => Promise.allSettled(atWork),
  };
}

const isDoneWithin = (work: Promise<unknown>, milliseconds: number): Promise<boolean> =>
  within(work, milliseconds).then(
    () => true,
    () => false,
  );

/** The library takes these by itself. */
const takeUntagged = (worker: Worker<RunJob>): Taker => ({
  ready: async () => void (await worker.waitUntilReady()),
  close: () => worker.close(),
});

/** Others see this worker for as long as it says that it is there; where the store is away it is said again later. */
async function announceWhileThere(
  store: RunStore,
  facts: WorkerFacts,
  forMs: number,
): Promise<{ /** Rejects where the store is away. */ end(): Promise<void> }> {
  const announce = (): Promise<void> => store.announce(facts, forMs).catch(() => undefined);
  await announce();
  const timer = setInterval(() => void announce(), forMs / 3);
  return {
    end() {
      clearInterval(timer);
      return store.withdraw(facts.worker);
    },
  };
}

/** A folder of this worker's own. What workers left behind that are gone is removed: the store has it. */
async function newFolder(place: string): Promise<string> {
  mkdirSync(place, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(place)) {
    const pid = /^worker-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(place, name), { recursive: true, force: true });
  }
  const folder = join(place, `worker-${process.pid}-${randomBytes(4).toString("hex")}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}
