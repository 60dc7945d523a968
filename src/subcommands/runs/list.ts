import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { table, type Column } from "../../console/text/table.js";
import { costText, durationText, shortNumber, stateInWords, whenText } from "../../console/text/words.js";
import { tokensOf } from "../../history/totals.js";
import { snapshotFile } from "../../snapshots/log.js";
import { undonePosition } from "../../snapshots/position.js";
import { shortIds } from "../../history/listing/find-run.js";
import { knownHomes, pruneHomes } from "../../history/listing/known-homes.js";
import { summarizeRuns, type RunSummary } from "../../history/listing/summaries.js";

/** Which runs: those of one folder, or with a list of folders (`homesFile`) those of all that are on it as well. */
export type Which = { home: string; homesFile: string | null };

/** Every run that is meant, oldest first in each folder. What is gone is taken off the list of folders. */
export async function runsOf({ home, homesFile }: Which): Promise<RunSummary[]> {
  if (homesFile === null) return summarizeRuns(home);
  const homes = await knownHomes(homesFile);
  await pruneHomes(homesFile);
  const all = await Promise.all([...new Set([home, ...homes])].map(summarizeRuns));
  return all.flat();
}

/** `autogpt runs`: a table, newest first, no wider than `width`; or one JSON array, oldest first. */
export async function listRuns(
  which: Which,
  { json, width }: { json: boolean; width: number | undefined },
): Promise<string> {
  const runs = await runsOf(which);
  const undone = await undoneAmong(runs);
  if (json) return JSON.stringify(runs.map((one) => ({ ...one, undoneAfter: undone.get(one) ?? null })));
  if (runs.length === 0)
    return which.homesFile === null ? `There are no runs in ${which.home}.` : "There are no runs of yours.";
  const isAll = which.homesFile !== null;
  const ids = shortIds(runs.map(({ run }) => run));
  const now = new Date();
  const newestFirst = [...runs].sort((one, other) => (one.run < other.run ? 1 : -1));
  const rows = newestFirst.map((one) => [
    ...cells(one, ids.get(one.run) ?? one.run, now, undone.has(one)),
    ...(isAll ? [placeOf(one)] : []),
  ]);
  return table(isAll ? [...columns, { heading: "Folder", least: 12 }] : columns, rows, width);
}

/** Those whose steps were undone since, all of them or the last ones, each with the step after which the workspace stands. */
async function undoneAmong(runs: readonly RunSummary[]): Promise<ReadonlyMap<RunSummary, number>> {
  const undone = new Map<RunSummary, number>();
  for (const one of runs) {
    // The records of many runs are long, and few were undone.
    const record = await readFile(snapshotFile(one.home, one.run), "utf8").catch(() => "");
    if (!record.includes('"undo"')) continue;
    const position = await undonePosition(one.home, one.run).catch(() => null);
    if (position !== null && position < one.steps) undone.set(one, position);
  }
  return undone;
}

const columns: readonly Column[] = [
  { heading: "Id" },
  { heading: "Began", leaveOut: 4 },
  { heading: "State" },
  { heading: "Steps", align: "right", leaveOut: 5 },
  { heading: "Time", align: "right", leaveOut: 2 },
  { heading: "Tokens", align: "right", leaveOut: 1 },
  { heading: "Cost", align: "right", leaveOut: 3 },
  { heading: "Name", least: 8 },
  { heading: "First goal", least: 12 },
];

function cells(summary: RunSummary, id: string, now: Date, isUndone: boolean): string[] {
  const { state, steps, durationMs, usage, aiName, goal, problem, started } = summary;
  const began = started === null ? "" : whenText(new Date(started), now);
  // What is wrong with a journal stands where its goal would.
  if (usage === null) return [id, began, stateInWords(state), "", "", "", "", "", problem ?? ""];
  const tokens = shortNumber(tokensOf(usage));
  return [
    id,
    began,
    stateInWords(state) + (isUndone ? ", undone" : ""),
    String(steps),
    durationText(durationMs),
    tokens,
    costText(usage),
    aiName ?? "",
    goal ?? "",
  ];
}

/** The folder in which the run was started, where its state lies in the usual place. */
function placeOf({ home }: RunSummary): string {
  const folder = home.endsWith(".autogpt") ? dirname(home) : home;
  const own = homedir();
  return folder === own || folder.startsWith(`${own}/`) ? `~${folder.slice(own.length)}` : folder;
}
