import type { GoalVerdict } from "../history/event-parts.js";
import type { Workspace } from "../workspace/workspace.js";
import type { CheckResult, Goal } from "./check.js";
import { runChecks } from "./checks.js";
import type { RunShell } from "./run-check.js";

export type { GoalCheck, Goal } from "./check.js";

/**
 * Runs every goal's checks now and judges each goal, in order. `completed`: task_complete ended the run. `evidence`
 * names every check and what it found, and is null for a goal without checks.
 */
export async function judgeGoals(
  workspace: Workspace,
  goals: readonly Goal[],
  { completed, runShell }: { completed: boolean; runShell: RunShell },
): Promise<GoalVerdict[]> {
  const verdicts: GoalVerdict[] = [];
  for (const { goal, checks } of goals) {
    if (checks.length === 0) {
      verdicts.push({ goal, verdict: completed ? "claimed" : "open", evidence: null });
      continue;
    }
    const results = await runChecks(workspace, checks, runShell);
    const verdict = results.every(({ ok }) => ok) ? "proven" : "failed";
    verdicts.push({ goal, verdict, evidence: evidenceOf(results) });
  }
  return verdicts;
}

const evidenceOf = (results: readonly CheckResult[]): string => results.map(({ found }) => found).join("; ");
