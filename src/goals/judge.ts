import type { GoalVerdict } from "../history/event-parts.js";
import type { CheckContext, CheckResult } from "./check.js";
import type { PreparedGoal } from "./prepare.js";

/**
 * Carries out every goal's checks now and judges each goal, in order. `completed`: task_complete ended the run.
 * `evidence` names every check and what it found, and is null for a goal without checks.
 */
export async function judgeGoals(
  goals: readonly PreparedGoal[],
  { completed, ...context }: CheckContext & { completed: boolean },
): Promise<GoalVerdict[]> {
  const verdicts: GoalVerdict[] = [];
  for (const { goal, checks } of goals) {
    if (checks.length === 0) {
      verdicts.push({ goal, verdict: completed ? "claimed" : "open", evidence: null });
      continue;
    }
    const results: CheckResult[] = [];
    for (const check of checks) results.push(await check.run(context));
    const verdict = results.every(({ ok }) => ok) ? "proven" : "failed";
    verdicts.push({ goal, verdict, evidence: results.map(({ found }) => found).join("; ") });
  }
  return verdicts;
}
