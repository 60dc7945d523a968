import { counted } from "../../base/text.js";
import { commandLine } from "../../base/process/command-line.js";
import { table, type Column } from "../../console/text/table.js";
import { costText, whenText } from "../../console/text/words.js";
import { usualPriority } from "../../fleet/queue/places.js";
import type { QueueState } from "../../fleet/queue/run-queue.js";
import { missingFor } from "../../fleet/queue/tags.js";
import type { FleetBudget, ListedRun, WorkerFacts } from "../../fleet/store/run-store.js";
import { nanoPerDollar } from "../../history/totals.js";
import { parkedFor } from "../../fleet/worker/part-end.js";
import type { Fleet } from "./with-fleet.js";
import { localTime } from "./time-from.js";

/** All that is shown of a fleet. */
export type FleetView = {
  place: string;
  queue: QueueState;
  workers: readonly WorkerFacts[];
  budget: FleetBudget;
  /** Newest first. */
  runs: readonly ListedRun[];
};

export async function lookAt({ store, queue }: Fleet): Promise<FleetView> {
  const state = await queue.state();
  const [workers, budget, runs] = [await store.workers(), await store.budget(), await store.list()];
  return {
    ...{ place: store.place, queue: state, workers, budget },
    runs: runs.sort((one, other) => (one.run < other.run ? 1 : -1)),
  };
}

/** A run as it is told in JSON. */
export const runAsJson = (one: ListedRun, workers: readonly WorkerFacts[]) => {
  const missing = missingFor(workers, one);
  const { tags, priority, after, at } = one.order;
  const turn = { tags, priority, after, ...(at !== undefined && { at }) };
  return { run: one.run, ...one.status, ...turn, ...(missing.length > 0 && { missingTags: missing }) };
};

export const queueAsJson = ({ queue, workers }: FleetView) => ({ ...queue, workers: workers.length });

/** What is said of all runs together, a line each. */
export const headLines = (view: FleetView): string[] => [
  lineOf(view),
  budgetLine(view.budget),
  ...missingLines(view.workers, view.runs),
  ...askingLine(view.runs),
];

/** The runs as a table no wider than `width`. */
export const runTable = (runs: readonly ListedRun[], width: number | undefined, now: Date): string =>
  table(
    columns,
    runs.map((one) => cells(one, now)),
    width,
  );

/** The queue in a line. What is parked lies in the queue as what is for later, and is counted by itself. */
export function lineOf({ queue: { paused, waiting, active, delayed }, workers, runs, place }: FleetView): string {
  const parked = runs.filter(({ status }) => status.state === "parked").length;
  return [
    `${place}: ${counted(workers.length, "worker")}, ${active} at work, ${waiting} waiting`,
    `, ${Math.max(0, delayed - parked)} for later`,
    ...(parked > 0 ? [`, ${parked} parked`] : []),
    ...(paused ? ["; paused"] : []),
  ].join("");
}

function askingLine(runs: readonly ListedRun[]): string[] {
  const asking = runs.filter(({ status }) => status.state === "parked" && status.asks !== undefined).length;
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

export const inUsd = ({ spent, limit }: FleetBudget) => ({
  spentUsd: spent / nanoPerDollar,
  limitUsd: limit === null ? null : limit / nanoPerDollar,
});

/** What all runs have cost, with what is set aside for requests under way. */
export function budgetLine(budget: FleetBudget): string {
  const { spentUsd, limitUsd } = inUsd(budget);
  const spent = `All runs: ${costText({ costUsd: spentUsd })}`;
  return limitUsd === null ? spent : `${spent} of $${limitUsd} that they may cost`;
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
    ...[run, stateOf({ status, order }), whenText(new Date(since), now), String(steps), costText({ costUsd })],
    ...[
      verdicts.length === 0 ? "" : `${proven} of ${verdicts.length} proven`,
      order.tags.join(","),
      worker,
      aiName,
      goals[0] ?? "",
    ],
  ];
}

/** The state of a run in a few words: how it ended, or what it waits for. */
export function stateOf({ status, order }: Pick<ListedRun, "status" | "order">, now = Date.now()): string {
  const { state, exitCode, reason } = status;
  if (state === "ended" && exitCode !== undefined)
    return `ended (${exitCode}${exitCode === 0 || reason === undefined ? "" : `, ${reason}`})`;
  if (state === "parked") return `parked (${parkedFor(status)})`;
  if (state !== "waiting") return state;
  const [first, ...others] = order.after;
  const details = [
    ...(order.at === undefined || Date.parse(order.at) <= now ? [] : [`at ${localTime(Date.parse(order.at))}`]),
    ...(first === undefined ? [] : [`after ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`]),
    ...(order.priority === usualPriority ? [] : [`priority ${order.priority}`]),
  ];
  return details.length === 0 ? state : `${state} (${details.join(", ")})`;
}
