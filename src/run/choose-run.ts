import type { Dialogue } from "../console/input/first-run.js";
import { table } from "../console/text/table.js";
import { stateInWords, whenText } from "../console/text/words.js";
import { RunError } from "../errors.js";
import { lastRunOf, shortIds } from "../history/listing/find-run.js";
import { newestOpenRun, openRuns } from "../history/listing/open-runs.js";
import type { RunSummary } from "../history/listing/summaries.js";
import { runNames } from "../history/runs.js";

/** More are not offered at once; `autogpt runs` lists them all. */
const mostOffered = 9;

/** The newest run that can be resumed; where none can, the last one, which says itself why. Throws SettingsError where there is none. */
export const newestToResume = async (home: string): Promise<string> =>
  (await newestOpenRun(home))?.run ?? (await lastRunOf(home, " to resume"));

/**
 * The same, with a question where several can be resumed. Throws SettingsError where there is none, and RunError
 * (`user-stopped`) where the person takes none of them.
 */
export async function pickRun(home: string, { ask, say }: Dialogue, width: number | undefined): Promise<string> {
  const open = (await openRuns(home)).slice(0, mostOffered);
  if (open.length < 2) return newestToResume(home);
  const { summarizeRuns } = await import("../history/listing/summaries.js");
  const summaries = new Map((await summarizeRuns(home)).map((summary) => [summary.run, summary]));
  const ids = shortIds(runNames(home));
  const offered = open.map(({ run }) => run);
  const rows = offered.map((run, index) => [String(index + 1), ids.get(run) ?? run, ...cells(summaries.get(run))]);
  say("These runs can be resumed:");
  for (const line of table(pickColumns, rows, width).split("\n")) say(line);
  for (;;) {
    const answer = ((await ask("Which one? (a number or an id; Enter: 1; n: none) ", { fresh: true })) ?? "n").trim();
    if (/^(n|no|q|quit|exit)$/i.test(answer)) throw new RunError("user-stopped", "No run was chosen.");
    const run = /^\d{0,2}$/.test(answer) ? offered[Number(answer || "1") - 1] : onlyOne(offered, answer);
    if (run !== undefined) return run;
    say(`Enter a number from 1 to ${offered.length}, or the id of one of them.`);
  }
}

function onlyOne(names: readonly string[], end: string): string | undefined {
  const [only, ...others] = names.filter((name) => name.endsWith(end));
  return others.length === 0 ? only : undefined;
}

const pickColumns = [
  { heading: "", align: "right" },
  { heading: "Id" },
  { heading: "Began", leaveOut: 1 },
  { heading: "State" },
  { heading: "Steps", align: "right", leaveOut: 2 },
  { heading: "Name", least: 8 },
  { heading: "First goal", least: 12 },
] as const;

const cells = (summary: RunSummary | undefined): string[] =>
  summary === undefined
    ? []
    : [
        summary.started === null ? "?" : whenText(new Date(summary.started), new Date()),
        stateInWords(summary.state),
        String(summary.steps),
        summary.aiName ?? "?",
        summary.goal ?? "",
      ];
