import { escapeControls } from "../base/escape.js";
import type { Totals } from "../history/event-parts.js";
import { summarizeRuns, type RunSummary } from "../history/runs.js";

/** `autogpt runs`: this folder's runs, oldest first, as lines or as one JSON array. */
export async function listRuns(home: string, json: boolean): Promise<string> {
  const runs = await summarizeRuns(home);
  if (json) return JSON.stringify(runs);
  if (runs.length === 0) return `There are no runs in ${home}.`;
  return runs.map(line).join("\n");
}

/** How much of what was sent a server had kept; nothing where it had none of it. */
const cachedShare = (usage: Totals | null): string =>
  usage !== null && usage.cachedTokens > 0
    ? `  ${Math.round((100 * usage.cachedTokens) / usage.promptTokens)} % cached`
    : "";

function line({ run, state, aiName, steps, costUsd, usage, problem }: RunSummary): string {
  const shown =
    problem === undefined
      ? `${run}  ${state.padEnd(14)}  ${String(steps).padStart(4)} steps  $${costUsd.toFixed(4)}${cachedShare(usage)}  ${JSON.stringify(aiName)}`
      : `${run}  ${state.padEnd(14)}  ${problem}`;
  return escapeControls(shown, { newlines: "escape" });
}
