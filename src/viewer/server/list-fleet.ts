import { messageOf } from "../../errors.js";
import { shortIds } from "../../history/listing/find-run.js";
import { fleetStanding } from "../run/fleet-standing.js";
import { slowMs, type FleetRun, type FleetRuns } from "../run/run-place.js";
import type { StateWords } from "../run/run-view.js";
import type { ListedFleet, ListedRun } from "../shapes.js";

/** The store is left alone for so many times as long as it took to list its runs, in milliseconds at the least and at the most. */
const restTimes = 5;
const [leastRestMs, mostRestMs] = [500, 10_000];

/** Lists the runs of a fleet. Resolves soon, also where the store does not answer: to what is known by then, and why that is all. */
export function createFleetList(fleet: FleetRuns, words: StateWords): () => Promise<ListedFleet> {
  let known: ListedFleet = { place: fleet.place, runs: [], problem: null };
  let asked: Promise<void> | null = null;
  let rested = 0;
  const ask = async (): Promise<void> => {
    const began = performance.now();
    let restMs = leastRestMs;
    try {
      known = { ...known, runs: listedRuns(await fleet.list(), fleet.place, words), problem: null };
      restMs = Math.min(mostRestMs, Math.max(leastRestMs, restTimes * (performance.now() - began)));
    } catch (thrown) {
      known = { ...known, problem: messageOf(thrown) };
    }
    rested = performance.now() + restMs;
    asked = null;
  };
  return async () => {
    if (asked === null && performance.now() < rested) return known;
    asked ??= ask();
    const slow = `${fleet.place} has not answered for ${slowMs / 1000} s.`;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ListedFleet>((resolve) => {
      timer = setTimeout(() => resolve({ ...known, problem: known.problem ?? slow }), slowMs);
    });
    return Promise.race([asked.then(() => known), late]).finally(() => clearTimeout(timer));
  };
}

function listedRuns(runs: readonly FleetRun[], place: string, words: StateWords): ListedRun[] {
  const ids = shortIds(runs.map(({ run }) => run));
  return runs.map(({ run, status }) => {
    const { aiName = null, goals = [], verdicts, steps, costUsd, since, worker = null } = status;
    const proven = verdicts?.filter((verdict) => verdict === "proven").length ?? null;
    return {
      ...{ run, id: ids.get(run) ?? run, aiName, goal: goals[0] ?? null, steps, costUsd, home: `fleet at ${place}` },
      ...fleetStanding(status, words),
      ...{ started: since, durationMs: 0 },
      fleet: { worker, proven, goals: verdicts?.length ?? goals.length },
    };
  });
}
