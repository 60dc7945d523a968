import { counted } from "../../base/text.js";
import { escapeText } from "../../base/escape.js";
import { commandLine } from "../../base/process/command-line.js";
import { table, type Column } from "../../console/text/table.js";
import { costText, whenText } from "../../console/text/words.js";
import { SettingsError } from "../../errors.js";
import { turnNow, type QueueState } from "../../fleet/queue/run-queue.js";
import { missingFor } from "../../fleet/queue/tags.js";
import type { FleetBudget, ListedRun, RunStatus, WorkerFacts } from "../../fleet/store/run-store.js";
import { nanoLimitOf, nanoPerDollar } from "../../history/totals.js";
import { withoutEnd } from "../../fleet/worker/status.js";
import { namedRun } from "./named-run.js";
import { withFleet, type Fleet } from "./with-fleet.js";

export type FleetAct = "pause" | "resume" | "drain" | "cancel" | "retry";

/** The queue and its runs, newest first: a table no wider than `width`, or one JSON object. Throws SettingsError. */
export const showFleet = (
  address: string | undefined,
  { json, width }: { json: boolean; width: number | undefined },
): Promise<string> =>
  withFleet(address, async (fleet) => {
    const view = await lookAt(fleet);
    return json ? JSON.stringify(viewAsJson(view)) : viewAsText(view, width, new Date());
  });

/** All that is shown of a fleet. */
export type FleetView = {
  place: string;
  queue: QueueState;
  workers: readonly WorkerFacts[];
  budget: FleetBudget;
  /** Newest first. */
  runs: readonly ListedRun[];
};

async function lookAt({ store, queue }: Fleet): Promise<FleetView> {
  const state = await queue.state();
  const [workers, budget, runs] = [await store.workers(), await store.budget(), await store.list()];
  return {
    ...{ place: store.place, queue: state, workers, budget },
    runs: runs.sort((one, other) => (one.run < other.run ? 1 : -1)),
  };
}

const viewAsJson = ({ queue, workers, budget, runs }: FleetView) => ({
  queue: { ...queue, workers: workers.length },
  workers,
  budget: inUsd(budget),
  runs: runs.map((one) => {
    const missing = missingFor(workers, one);
    return {
      run: one.run,
      ...one.status,
      tags: one.order.tags,
      ...(missing.length > 0 && { missingTags: missing }),
    };
  }),
});

function viewAsText(view: FleetView, width: number | undefined, now: Date): string {
  const { workers, budget, runs } = view;
  const lines = [lineOf(view), budgetLine(budget), ...missingLines(workers, runs), ...askingLine(runs)];
  if (runs.length > 0)
    lines.push(
      "",
      table(
        columns,
        runs.map((one) => cells(one, now)),
        width,
      ),
    );
  return lines.map(escapeText).join("\n");
}

const lineOf = ({ queue: { paused, waiting, active, delayed }, workers, place }: FleetView): string =>
  `${place}: ${counted(workers.length, "worker")}, ${active} at work, ${waiting} waiting, ${delayed} for later${paused ? "; paused" : ""}`;

function askingLine(runs: readonly ListedRun[]): string[] {
  const asking = runs.filter(({ status }) => status.asks !== undefined).length;
  if (asking === 0) return [];
  return [`${counted(asking, "run")} ${asking === 1 ? "waits" : "wait"} for an answer: ${commandLine("questions")}`];
}

/** A line for each set of tags for which runs wait in vain. */
function missingLines(workers: readonly WorkerFacts[], runs: readonly ListedRun[]): string[] {
  const found = new Map<string, { count: number; missing: string }>();
  for (const one of runs) {
    const missing = missingFor(workers, one).join(",");
    if (missing === "") continue;
    const tags = one.order.tags.join(",");
    found.set(tags, { count: (found.get(tags)?.count ?? 0) + 1, missing });
  }
  return [...found].map(([tags, { count, missing }]) => {
    const why = missing === tags && tags.includes(",") ? `no worker has all of ${tags}` : `no worker has ${missing}`;
    return `${counted(count, "run")} cannot be taken: ${why}. Start one: autogpt work --tags ${tags}`;
  });
}

const inUsd = ({ spent, limit }: FleetBudget) => ({
  spentUsd: spent / nanoPerDollar,
  limitUsd: limit === null ? null : limit / nanoPerDollar,
});

/** What is set aside for requests under way is in it. */
function budgetLine(budget: FleetBudget): string {
  const { spentUsd, limitUsd } = inUsd(budget);
  const spent = `All runs: ${costText({ costUsd: spentUsd })}`;
  return limitUsd === null ? spent : `${spent} of $${limitUsd} that they may cost`;
}

/** Limits what all runs may cost, in US dollars, `none` for no limit; runs that wait for that go on. Throws SettingsError. */
export const setBudget = (address: string | undefined, text: string): Promise<string> =>
  withFleet(address, async (fleet) => {
    const limit = limitFrom(text);
    await changeBudget(fleet, limit);
    return budgetLine(await fleet.store.budget());
  });

/** In nano-dollars; null for none. Throws SettingsError. */
export function limitFrom(text: string): number | null {
  if (text === "none") return null;
  const usd = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (Number.isFinite(usd)) return nanoLimitOf(usd);
  throw new SettingsError(
    `The budget of a fleet must be US dollars such as 25 or 0.50, or none, not ${JSON.stringify(text)}.`,
  );
}

export async function changeBudget({ store, queue }: Fleet, limit: number | null): Promise<void> {
  await store.limitBudget(limit);
  for (const { run, status, order } of await store.list())
    if (status.state === "parked" && status.needsUsd !== undefined) await queue.add(run, turnNow(order));
}

const columns: readonly Column[] = [
  { heading: "Run" },
  { heading: "State" },
  { heading: "Since", leaveOut: 3 },
  { heading: "Steps", align: "right", leaveOut: 4 },
  { heading: "Cost", align: "right", leaveOut: 5 },
  { heading: "Goals", leaveOut: 2 },
  { heading: "Tags", leaveOut: 2 },
  { heading: "Worker", leaveOut: 1 },
  { heading: "Name", least: 8 },
  { heading: "First goal", least: 12 },
];

function cells({ run, status, order }: ListedRun, now: Date): string[] {
  const { since, steps, costUsd, verdicts = [], worker = "", aiName = "", goals = [] } = status;
  const proven = verdicts.filter((verdict) => verdict === "proven").length;
  return [
    ...[run, stateOf(status), whenText(new Date(since), now), String(steps), costText({ costUsd })],
    ...[
      verdicts.length === 0 ? "" : `${proven} of ${verdicts.length} proven`,
      order.tags.join(","),
      worker,
      aiName,
      goals[0] ?? "",
    ],
  ];
}

function stateOf({ state, exitCode, asks }: RunStatus): string {
  if (state === "ended" && exitCode !== undefined) return `ended (${exitCode})`;
  return asks === undefined ? state : `${state} (asks)`;
}

/** Does something to the queue, or to runs in it, and says what came of it, a line each. Throws SettingsError. */
export const actOnFleet = (address: string | undefined, act: FleetAct, names: readonly string[]): Promise<string[]> =>
  withFleet(address, async (fleet) => {
    const { store, queue } = fleet;
    if (act === "pause") {
      await queue.pause();
      return ["The queue is paused: runs at work go on, and no others are taken until autogpt fleet resume."];
    }
    if (act === "resume") {
      await queue.resume();
      return ["Runs are taken again."];
    }
    const all = await store.list();
    const meant =
      act === "drain"
        ? all.filter(({ status }) => status.state === "waiting" || status.state === "parked")
        : names.map((name) => namedRun(all, name));
    const said: string[] = [];
    for (const one of meant) said.push(act === "retry" ? await retry(fleet, one) : await cancel(fleet, one));
    return said.length > 0 ? said : ["No run waits."];
  });

const isOver = ({ state }: RunStatus): boolean => state === "ended" || state === "cancelled";

async function cancel({ store, queue }: Fleet, { run, status, order }: ListedRun): Promise<string> {
  if (isOver(status)) return `The run ${run} is over already.`;
  // Asked first: a worker that takes it now finds that out.
  await store.askToEnd(run, true);
  const isIdle = await store.setStatus(run, { ...status, state: "cancelled", since: new Date().toISOString() });
  if (!isIdle) return `The run ${run} is at work, and is told to end.`;
  await queue.remove(run, order.tags);
  return `The run ${run} is cancelled.`;
}

async function retry({ store, queue }: Fleet, { run, status, order }: ListedRun): Promise<string> {
  if (status.state === "ended" && status.exitCode === 0)
    throw new SettingsError(`The run ${run} has completed: there is nothing to go on with. Submit a new one.`);
  await store.askToEnd(run, false);
  const waiting: RunStatus = { ...withoutEnd(status), state: "waiting", since: new Date().toISOString(), kills: 0 };
  if (!(await store.setStatus(run, waiting))) return `The run ${run} is at work.`;
  await queue.add(run, turnNow(order));
  return `The run ${run} is in the queue again.`;
}
