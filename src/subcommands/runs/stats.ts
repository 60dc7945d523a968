import { table } from "../../console/text/table.js";
import { costText, durationText, shortNumber, stateInWords } from "../../console/text/words.js";
import type { Totals } from "../../history/event-parts.js";
import type { RunSummary } from "../../history/listing/summaries.js";
import { readEvents } from "../../history/read-events.js";
import { spendingOf } from "../../history/recorded-usage.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import { tokensOf, addTotals, emptyTotals } from "../../history/totals.js";
import { runsOf, type Which } from "./list.js";

type Sum = { runs: number; steps: number; durationMs: number; totals: Totals };

/** What runs came to, taken together: in all, by how they ended, by the day on which they began, and by model. */
export type RunStatistics = {
  all: Sum;
  byState: Record<string, Sum>;
  byDay: Record<string, Sum>;
  byModel: Record<string, Totals>;
  /** How many could not be read, and count for nothing. */
  unreadable: number;
};

/** `autogpt runs stats`: tables, or one JSON object. */
export async function runStatistics(
  which: Which,
  { json, width }: { json: boolean; width: number | undefined },
): Promise<string> {
  const statistics = await statisticsOf(await runsOf(which));
  return json ? JSON.stringify(statistics) : textOf(statistics, width);
}

async function statisticsOf(runs: readonly RunSummary[]): Promise<RunStatistics> {
  const all = nothing();
  const byState = new Map<string, Sum>();
  const byDay = new Map<string, Sum>();
  const byModel = new Map<string, Totals>();
  let unreadable = 0;
  for (const run of runs) {
    if (run.usage === null) {
      unreadable += 1;
      continue;
    }
    for (const sum of [all, of(byState, run.state, nothing), of(byDay, dayOf(run), nothing)]) add(sum, run, run.usage);
    const { events } = await readEvents(journalFile(runDirectory(run.home, run.run)));
    for (const { model, totals } of spendingOf(events)) addTotals(of(byModel, model, emptyTotals), totals);
  }
  return {
    all,
    byState: Object.fromEntries(byState),
    byDay: Object.fromEntries([...byDay].sort(([one], [other]) => (one < other ? 1 : -1))),
    byModel: Object.fromEntries([...byModel].sort(([, one], [, other]) => other.costUsd - one.costUsd)),
    unreadable,
  };
}

const nothing = (): Sum => ({ runs: 0, steps: 0, durationMs: 0, totals: emptyTotals() });

function of<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function add(sum: Sum, { steps, durationMs }: RunSummary, usage: Totals): void {
  sum.runs += 1;
  sum.steps += steps;
  sum.durationMs += durationMs;
  addTotals(sum.totals, usage);
}

/** The day on which a run began, by the machine's clock. */
function dayOf({ started }: RunSummary): string {
  const date = new Date(started ?? NaN);
  if (Number.isNaN(date.getTime())) return "?";
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0"))
    .join("-");
}

function textOf({ all, byState, byDay, byModel, unreadable }: RunStatistics, width: number | undefined): string {
  if (all.runs === 0) return unreadable === 0 ? "There are no runs." : `No journal can be read, of ${unreadable}.`;
  const sums = (heading: string, groups: readonly (readonly [string, Sum])[]): string =>
    table(
      [
        { heading, least: 8 },
        ...["Runs", "Steps", "Time", "Tokens", "Cost"].map((name) => ({ heading: name, align: "right" as const })),
      ],
      groups.map(([name, { runs, steps, durationMs, totals }]) => [
        ...[
          name,
          String(runs),
          String(steps),
          durationText(durationMs),
          shortNumber(tokensOf(totals)),
          costText(totals),
        ],
      ]),
      width,
    );
  const models = table(
    [
      { heading: "Model", least: 8 },
      ...["Requests", "Tokens", "Cost"].map((name) => ({ heading: name, align: "right" as const })),
    ],
    Object.entries(byModel).map(([name, totals]) => [
      ...[name, String(totals.requests), shortNumber(tokensOf(totals)), costText(totals)],
    ]),
    width,
  );
  const states = Object.entries(byState).map(([state, sum]) => [stateInWords(state), sum] as const);
  return [
    sums("How they ended", [...states, ["in all", all]]),
    sums("Day", Object.entries(byDay)),
    models,
    ...(unreadable === 0 ? [] : [`Not counted, since their journals cannot be read: ${unreadable}`]),
  ].join("\n\n");
}
