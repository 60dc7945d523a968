import type { Counter, Gauge, Registry } from "prom-client";
import { loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { within } from "../../base/waiting/within.js";
import { SettingsError } from "../../errors.js";
import { nanoPerDollar } from "../../history/totals.js";
import type { RunQueue } from "../queue/run-queue.js";
import type { RunStore } from "../store/run-store.js";
import type { Carried } from "../worker/carry-run.js";
import type { StoreMeter } from "./measured-store.js";

/** What a worker tells of itself. No label has a name, a goal, or anything else that a user or a model has written. */
export type WorkerMetrics = StoreMeter & {
  /** A run was taken from the queue; to be called again with what became of it, null where it was not begun. */
  taken(): (carried: Carried | null) => void;
  /** How many seconds ago the store answered last. */
  storeAnsweredAgo(): number;
  /** All of it as Prometheus reads it. What only the store knows is left out where it does not answer. */
  text(fleet: { store: Pick<RunStore, "budget" | "workers">; queue: Pick<RunQueue, "state"> }): Promise<string>;
  contentType: string;
};

/** How long the store and the queue are waited for. */
const lookMs = 3_000;

async function loadLibrary() {
  try {
    return await loadPackage("prom-client", () => import("prom-client"));
  } catch (cause) {
    throw new SettingsError(`--metrics-port needs the package prom-client, which is missing. ${howToAdd("fleet")}`, {
      cause,
    });
  }
}

type Library = Awaited<ReturnType<typeof loadLibrary>>;
type Make = {
  counter(name: string, help: string, labelNames?: string[]): Counter;
  gauge(name: string, help: string, labelNames?: string[]): Gauge;
};

/** Throws SettingsError where the library is missing. */
export async function createMetrics(concurrency: number): Promise<WorkerMetrics> {
  const library = await loadLibrary();
  const register = new library.Registry();
  library.collectDefaultMetrics({ register });
  const registers = [register];
  const make: Make = {
    counter: (name, help, labelNames = []) => new library.Counter({ name, help, labelNames, registers }),
    gauge: (name, help, labelNames = []) => new library.Gauge({ name, help, labelNames, registers }),
  };
  make.gauge("autogpt_worker_concurrency", "How many runs this worker carries out at a time").set(concurrency);
  const { storeAnsweredAgo, ...meter } = storeMeter(library, register, make);
  const answeredAgo = make.gauge("autogpt_store_answered_seconds_ago", "How long ago the store answered last");
  const fleet = fleetGauges(make);
  return {
    ...{ ...meter, storeAnsweredAgo, taken: runMeter(make), contentType: register.contentType },
    async text(parts) {
      answeredAgo.set(storeAnsweredAgo());
      await fleet.look(parts);
      return register.metrics();
    },
  };
}

function storeMeter(
  library: Library,
  register: Registry,
  { counter }: Make,
): StoreMeter & Pick<WorkerMetrics, "storeAnsweredAgo"> {
  const spent = counter(
    "autogpt_worker_cost_usd_total",
    "What runs have cost while this worker had them, in US dollars",
  );
  const reservations = counter(
    "autogpt_worker_reservations_total",
    "Requests to models that were asked for within the fleet's budget",
    ["granted"],
  );
  const calls = new library.Histogram({
    ...{ name: "autogpt_store_call_seconds", help: "How long the store takes to answer", labelNames: ["call"] },
    ...{ registers: [register], buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] },
  });
  const failures = counter("autogpt_store_failures_total", "Calls that the store has not answered", ["call"]);
  let answeredAt = performance.now();
  return {
    storeAnsweredAgo: () => (performance.now() - answeredAt) / 1000,
    answered(call, seconds) {
      answeredAt = performance.now();
      calls.observe({ call }, seconds);
    },
    failed: (call) => failures.inc({ call }),
    spent: (usd) => spent.inc(usd),
    reserved: (isGranted) => reservations.inc({ granted: String(isGranted) }),
  };
}

function runMeter({ counter, gauge }: Make): WorkerMetrics["taken"] {
  const atWork = gauge("autogpt_worker_runs_at_work", "Runs that this worker carries out now");
  const taken = counter("autogpt_worker_runs_taken_total", "Runs that this worker has taken from the queue");
  const left = counter(
    "autogpt_worker_runs_left_total",
    "Runs that this worker has nothing more to do with, by how that came and by exit code where they have ended",
    ["how", "exit_code"],
  );
  const lost = counter(
    "autogpt_worker_leases_lost_total",
    "Runs that another worker may have taken while this one had them",
  );
  return () => {
    taken.inc();
    atWork.inc();
    return (carried) => {
      atWork.dec();
      left.inc(howLeft(carried));
      if (carried?.kind === "lost") lost.inc();
    };
  };
}

function howLeft(carried: Carried | null): { how: string; exit_code: string } {
  if (carried === null) return { how: "put-off", exit_code: "" };
  if (carried.kind !== "done") return { how: carried.kind, exit_code: "" };
  const { end } = carried;
  if (end.kind === "ended") return { how: "ended", exit_code: String(end.exitCode) };
  return { how: end.kind === "again" ? "put-off" : end.kind, exit_code: "" };
}

/** What all workers have in common, as the store and the queue know it. */
function fleetGauges({ gauge }: Make) {
  const workers = gauge("autogpt_fleet_workers", "Workers that are there");
  const spent = gauge("autogpt_fleet_cost_usd", "What all runs have cost, with what is set aside, in US dollars");
  const limit = gauge("autogpt_fleet_limit_usd", "What all runs may cost, in US dollars; not there without a limit");
  const runs = gauge("autogpt_queue_runs", "Runs in the queue", ["state"]);
  const paused = gauge("autogpt_queue_paused", "1 while no more runs are taken");
  const look = async ({ store, queue }: Parameters<WorkerMetrics["text"]>[0]): Promise<void> => {
    for (const one of [workers, spent, limit, paused]) one.remove();
    runs.reset();
    const state = await within(queue.state(), lookMs);
    const budget = await within(store.budget(), lookMs);
    const there = await within(store.workers(), lookMs);
    workers.set({}, there.length);
    spent.set({}, budget.spent / nanoPerDollar);
    if (budget.limit !== null) limit.set({}, budget.limit / nanoPerDollar);
    for (const name of ["waiting", "active", "delayed"] as const) runs.set({ state: name }, state[name]);
    paused.set({}, state.paused ? 1 : 0);
  };
  return { look: (parts: Parameters<typeof look>[0]): Promise<void> => look(parts).catch(() => undefined) };
}
