import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { onAbort } from "../../base/abort.js";
import { isRunning } from "../../base/process/is-running.js";
import { within } from "../../base/waiting/within.js";
import { messageOf } from "../../errors.js";
import { loadBullmq } from "../queue/load-bullmq.js";
import { openStore } from "../store/open-store.js";
import { StoreDownError, type RunStore } from "../store/run-store.js";
import { carryRun, type Carried, type CarryOptions } from "./carry-run.js";

export type WorkOptions = Pick<CarryOptions, "program" | "cwd" | "environment" | "leaseMs" | "signal"> & {
  /** The queue's address. */
  address: string;
  /** How many runs are carried out at a time. */
  concurrency: number;
  /** Where folders of runs lie while they are at work. */
  place: string;
  /** Is told what the worker does; no secret is in it. */
  say(text: string): void;
};

/** How long a worker waits for its runs to end, and then for the queue to be closed. */
const closeMs = 20_000;
/** A run whose server is away, or that another worker still has, is taken again so much later. */
const laterMs = 5_000;
/** One that waits for the fleet's budget, so much later: who raises that puts it in again at once. */
const budgetMs = 60_000;
/** One that something else keeps from beginning, a full disk for example, so much later. */
const troubleMs = 30_000;

/** Takes runs from the queue and carries them out, until `signal` is aborted. Throws SettingsError where the queue cannot be used. */
export async function work(options: WorkOptions): Promise<void> {
  const { address, concurrency, leaseMs, place, say, signal } = options;
  const folder = await newFolder(place);
  const store = await openStore(address);
  const told = new Set<string>();
  const sayOnce = (text: string): void => {
    if (told.has(text)) return;
    told.add(text);
    say(`WARNING: the queue: ${text}`);
  };
  const bullmq = await loadBullmq(address, sayOnce);
  const holder = `${hostname()}:${process.pid}`;
  const worker = bullmq.worker(
    (run, job) => carryJob({ ...options, store, run, holder, folder }, say, job),
    concurrency,
    leaseMs,
  );
  try {
    await worker.waitUntilReady();
    say(`The worker ${holder} takes runs from ${store.place}, ${concurrency} at a time.`);
    await new Promise<void>((resolve) => onAbort(signal, resolve));
  } finally {
    await within(worker.close(), closeMs).catch(() => undefined);
    await bullmq.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Job = { putOff(milliseconds: number): Promise<never>; fail(why: string): never };

/** Carries out the run of a job; what it throws says to the library what becomes of the job. */
async function carryJob(options: CarryOptions, say: WorkOptions["say"], job: Job): Promise<object> {
  const { store, run } = options;
  let carried: Carried;
  try {
    const turn = await turnOf(store, run);
    if (typeof turn === "number") return await job.putOff(turn);
    if (turn === "over") return { run };
    carried = await carryRun(options);
  } catch (thrown) {
    if (!(thrown instanceof Error) || isOfLibrary(thrown)) throw thrown;
    say(`The run ${run} is put off: ${messageOf(thrown)}`);
    return job.putOff(thrown instanceof StoreDownError ? laterMs : troubleMs);
  }
  switch (carried.kind) {
    case "missing":
      return job.fail(`The run ${run} is not in the store any more.`);
    case "held":
    case "lost":
      return job.putOff(laterMs);
    case "done":
      return afterDone(run, carried, say, job);
  }
}

/** What the library itself is told by an error is not told anew. */
const isOfLibrary = ({ name }: Error): boolean => name === "DelayedError" || name === "UnrecoverableError";

async function afterDone(
  run: string,
  { end, status }: Extract<Carried, { kind: "done" }>,
  say: WorkOptions["say"],
  job: Job,
): Promise<object> {
  if (end.kind === "again") return job.putOff(end.afterMs);
  if (end.kind === "cancelled") {
    say(`The run ${run} was cancelled.`);
    return { run, cancelled: true };
  }
  const why = status.reason ?? status.message ?? "it said no more";
  say(`The run ${run} has ended with exit code ${end.exitCode}: ${why}.`);
  return end.exitCode === 0 ? { run, exitCode: 0 } : job.fail(`exit code ${end.exitCode}: ${why}`);
}

/**
 * Whether a run may begin, or after how many milliseconds that is looked at again: not before those that it comes after have ended well, and never where one of them has not. A run that is over
 * is not carried out again because its job is.
 */
async function turnOf(store: RunStore, run: string): Promise<"now" | "over" | number> {
  const one = await store.look(run);
  if (one === null) return "now";
  const { status, order } = one;
  if (status.state === "ended" || status.state === "cancelled") return "over";
  // Its process would only find out the same.
  if (status.needsUsd !== undefined && !(await fits(store, status.needsUsd))) return budgetMs;
  for (const name of order.after) {
    const before = await store.look(name);
    if (before !== null && before.status.state === "ended" && before.status.exitCode === 0) continue;
    if (before !== null && before.status.state !== "ended" && before.status.state !== "cancelled") return laterMs;
    const message = `The run ${name}, which it comes after, has not ended well.`;
    await store.setStatus(run, { ...status, state: "cancelled", since: new Date().toISOString(), message });
    return "over";
  }
  return "now";
}

async function fits(store: RunStore, usd: number): Promise<boolean> {
  const { spent, limit } = await store.budget();
  return limit === null || spent + usd * 1e9 <= limit;
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
