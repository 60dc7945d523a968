import { escapeControls } from "../base/escape.js";
import { summarizeRuns, type RunSummary } from "../history/runs.js";

/** `autogpt runs`: this folder's runs, oldest first, as lines or as one JSON array. */
export async function listRuns(home: string, json: boolean): Promise<string> {
  const runs = await summarizeRuns(home);
  if (json) return JSON.stringify(runs);
  if (runs.length === 0) return `There are no runs in ${home}.`;
  return runs.map(line).join("\n");
}

function line({ run, state, aiName, steps, costUsd, problem }: RunSummary): string {
  const shown =
    problem === undefined
      ? `${run}  ${state.padEnd(14)}  ${String(steps).padStart(4)} steps  $${costUsd.toFixed(4)}  ${JSON.stringify(aiName)}`
      : `${run}  ${state.padEnd(14)}  ${problem}`;
  return escapeControls(shown, { newlines: "escape" });
}
