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
import { loadBullmq, type CarryJob, type RunJob } from "../queue/load-bullmq.js";
import type { Tags } from "../queue/tags.js";
import { takeTagged, type Taker } from "../queue/take-tagged.js";
import { openStoreWithArtifacts, type ArtifactsOptions } from "../artifacts/open-artifacts.js";
import type { RunStore, WorkerFacts } from "../store/run-store.js";
import { carryJob } from "./carry-job.js";
import type { CarryOptions } from "./carry-run.js";

export type WorkOptions = Pick<CarryOptions, "program" | "cwd" | "environment" | "leaseMs" | "signal"> & {
  /** The queue's address. */
  address: string;
  /** The place of large files. */
  artifacts: Pick<ArtifactsOptions, "url" | "variable">;
  /** How many runs are carried out at a time. */
  concurrency: number;
  /** What it has: it takes runs that ask for some of it, and those that ask for nothing. */
  tags: Tags;
  /** Where folders of runs lie while they are at work. */
  place: string;
  /** Is told what the worker does; no secret is in it. */
  say(text: string): void;
};

/** How long a worker waits for its runs to end, and then for the queue to be closed. */
const closeMs = 20_000;
/** Takes runs from the queue and carries them out, until `signal` is aborted. Throws SettingsError where the queue cannot be used. */
export async function work(options: WorkOptions): Promise<void> {
  const { address, concurrency, tags, leaseMs, place, say, signal } = options;
  const folder = await newFolder(place);
  const told = new Set<string>();
  const warn = (text: string): void => {
    if (told.has(text)) return;
    told.add(text);
    say(`WARNING: ${text}`);
  };
  const store = await openStoreWithArtifacts(address, { ...options.artifacts, onTrouble: warn });
  const warnOfQueue = (text: string): void => warn(`the queue: ${text}`);
  const bullmq = await loadBullmq(address, warnOfQueue);
  const holder = `${hostname()}:${process.pid}`;
  const carry: CarryJob = (run, job) => carryJob({ ...options, store, run, holder, folder }, say, job);
  const taker =
    tags.length === 0
      ? takeUntagged(bullmq.worker(carry, concurrency, leaseMs))
      : takeTagged({ bullmq, store, tags, concurrency, lockMs: leaseMs, carry, onError: warnOfQueue });
  const presence = await announceWhileThere(store, { worker: holder, tags, concurrency }, leaseMs);
  try {
    await taker.ready().catch((thrown: unknown) => {
      throw new SettingsError(
        `The queue cannot be used (${messageOf(thrown)}). Mend its server, or name another one in QUEUE_URL.`,
        { cause: thrown },
      );
    });
    const having = tags.length === 0 ? "" : ` with the tags ${tags.join(",")}`;
    say(`The worker ${holder}${having} takes runs from ${store.place}, ${concurrency} at a time.`);
    await new Promise<void>((resolve) => onAbort(signal, resolve));
  } finally {
    await within(taker.close(), closeMs).catch(() => undefined);
    await presence.end();
    await bullmq.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

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
): Promise<{ end(): Promise<void> }> {
  const announce = (): Promise<void> => store.announce(facts, forMs).catch(() => undefined);
  await announce();
  const timer = setInterval(() => void announce(), forMs / 3);
  return {
    async end() {
      clearInterval(timer);
      await store.withdraw(facts.worker).catch(() => undefined);
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
