import { within } from "../../base/waiting/within.js";
import { messageOf } from "../../errors.js";
import { nanoPerDollar } from "../../history/totals.js";
import { StoreDownError, type RunStatus, type RunStore } from "../store/run-store.js";
import { budgetMs, parkedFor, parkedMs } from "./part-end.js";
import { carryRun, type Carried, type CarryOptions } from "./carry-run.js";
import { isOver } from "./status.js";
import type { CarryJob as QueueJob } from "../queue/load-bullmq.js";

/** A run whose server is away, or that another worker still has, is taken again so much later. */
const laterMs = 5_000;
/** One that something else keeps from beginning, a full disk for example, so much later. */
const troubleMs = 30_000;
/** One that is just being put in, so much later. */
const submittingMs = 250;

/** A job of the queue, and what may become of it. */
export type Job = Parameters<QueueJob>[1];

/** `onCarried` is told what became of a run that was begun. */
export type CarryJobOptions = CarryOptions & { onCarried?(carried: Carried): void };

/** Carries out the run of a job; what it throws says to the library what becomes of the job. */
export async function carryJob(options: CarryJobOptions, say: (text: string) => void, job: Job): Promise<object> {
  const { store, run } = options;
  let carried: Carried;
  try {
    const turn = await turnOf(store, run);
    if (typeof turn === "number") return await job.putOff(turn);
    if (turn === "over") return { run };
    if (turn === "never-whole") return await removeUnlessHeld(options, job);
    await job.begin();
    carried = await carryRun({ ...options, onTaken: () => say(`The run ${run} is taken.`) });
    options.onCarried?.(carried);
  } catch (thrown) {
    if (!(thrown instanceof Error) || isOfLibrary(thrown)) throw thrown;
    say(`The run ${run} is put off: ${messageOf(thrown)}`);
    return job.putOff(thrown instanceof StoreDownError ? laterMs : troubleMs);
  }
  switch (carried.kind) {
    case "missing":
      return job.fail(`The run ${run} is not in the store any more.`);
    case "lost":
      if (await isGone(store, run)) {
        say(`The run ${run} is not in the store at ${store.place} any more: it was removed, or lost there.`);
        return job.fail(`The run ${run} is not in the store any more.`);
      }
      say(`The run ${run} could not be held on to: a worker goes on with it from what the store has.`);
      return job.putOff(laterMs);
    case "held":
      return job.putOff(laterMs);
    case "done":
      return afterDone(run, carried, say, job);
  }
}

/** For how long a store is waited for that was silent before: a worker that is told to end does so soon. */
const goneMs = 1_000;

/** Whether it is certain that there is no such run any more. */
const isGone = (store: RunStore, run: string): Promise<boolean> =>
  within(store.look(run), goneMs).then(
    (found) => found === null,
    () => false,
  );

/** What the library itself is told by an error is not told anew. */
const isOfLibrary = ({ name }: Error): boolean => name === "DelayedError" || name === "UnrecoverableError";

async function afterDone(
  run: string,
  { end, status }: Extract<Carried, { kind: "done" }>,
  say: (text: string) => void,
  job: Job,
): Promise<object> {
  if (end.kind === "again") {
    say(`The run ${run} ${putOffText(status, end.afterMs)}.`);
    return job.putOff(end.afterMs);
  }
  if (end.kind === "cancelled") {
    say(`The run ${run} was cancelled.`);
    return { run, cancelled: true };
  }
  const why = status.reason ?? status.message ?? "it said no more";
  say(`The run ${run} has ended with exit code ${end.exitCode}: ${why}.`);
  return end.exitCode === 0 ? { run, exitCode: 0 } : job.fail(`exit code ${end.exitCode}: ${why}`);
}

/** What a run that goes on later waits for. */
function putOffText(status: RunStatus, afterMs: number): string {
  if (status.state !== "parked")
    return afterMs === 0 ? "is handed back: another worker goes on with it" : "is tried again";
  const waitsFor = parkedFor(status);
  if (waitsFor === "asks") return "is parked until what it asks is answered: autogpt questions";
  return waitsFor === "budget"
    ? "is parked until the budget of the fleet has room for it"
    : "is parked until its model's server is tried again";
}

/**
 * Whether a run may begin, or after how many milliseconds that is looked at again: not before those that it comes after have ended well, and never where one of them has not. A run that is over
 * is not carried out again because its job is.
 */
async function turnOf(store: RunStore, run: string): Promise<"now" | "over" | "never-whole" | number> {
  const one = await store.look(run);
  if (one === null) return "now";
  const { status, order } = one;
  if (status.state === "submitting") return "never-whole";
  if (isOver(status)) return "over";
  // Its process would only find out the same.
  if (status.needsUsd !== undefined && !(await fits(store, status.needsUsd))) return budgetMs;
  // It would ask the same again, and a model perhaps before that: whoever answers, or wants it to be tried, puts it in at once.
  if (status.asks !== undefined) return parkedMs;
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

/** A run that is being put in is looked at again soon; where whoever did that is gone, nobody knows of it. */
async function removeUnlessHeld({ store, run, holder, leaseMs }: CarryOptions, job: Job): Promise<never> {
  const taken = await store.acquire(run, holder, leaseMs);
  if (taken === "held") return job.putOff(submittingMs);
  const one = await store.look(run);
  if (taken !== "missing" && one !== null && one.status.state !== "submitting") {
    // It has become whole since it was looked at.
    await store.release(run, taken.epoch);
    return job.putOff(0);
  }
  await store.remove(run);
  return job.fail(`The run ${run} was never put in completely: its submit was cut off.`);
}

async function fits(store: RunStore, usd: number): Promise<boolean> {
  const { spent, limit } = await store.budget();
  return limit === null || spent + usd * nanoPerDollar <= limit;
}
