import type { GoalVerdict } from "../../history/goals.js";
import type { Jobs } from "../../sandbox/jobs.js";

/**
 * What the model is told of its claim that the task is complete: whether no goal's checks failed, and what each one
 * found. `judge` carries the checks out, behind the end of the background jobs.
 */
export async function checkCompletion(
  jobs: Pick<Jobs, "running">,
  judge: () => Promise<readonly GoalVerdict[]>,
): Promise<{ ok: boolean; text: string }> {
  const before = jobs.running();
  const verdicts = await judge();
  const lines = verdicts.map(({ goal, guard, evidence, verdict }, index) =>
    guard
      ? `${verdict === "failed" ? "Broken" : "Kept"} (${goal}): ${evidence ?? ""}`
      : `Goal ${index + 1} (${goal}): ${evidence ?? "no checks"}`,
  );
  if (jobs.running() < before) lines.push(`${before} of your background jobs were ended before the checks.`);
  return { ok: verdicts.every(({ verdict }) => verdict !== "failed"), text: lines.join("\n") };
}
