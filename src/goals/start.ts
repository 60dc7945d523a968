import type { GoalsChecked } from "../history/events.js";
import type { Workspace } from "../workspace/workspace.js";
import type { CheckContext } from "./check.js";
import { carryOutChecks, type JudgeOptions } from "./judge.js";
import type { PreparedCheck, PreparedGoal } from "./prepare.js";
import { printOf } from "./prints.js";

/**
 * What the goals' checks find before the first step, and what is in the files that they name. Null where no goal has
 * checks, or once `signal` is aborted.
 */
export async function checkGoalsAtStart(
  goals: readonly PreparedGoal[],
  context: CheckContext & Pick<JudgeOptions, "heard"> & { signal: AbortSignal },
): Promise<GoalsChecked | null> {
  const checks = goals.flatMap((goal) => goal.checks);
  if (checks.length === 0) return null;
  // Before the checks: what they run may change files itself.
  const files: { file: string; print: string }[] = [];
  for (const file of new Set(checks.flatMap((check) => check.files))) {
    const print = await printOf(context.workspace, file);
    if (print !== null) files.push({ file, print });
  }
  const results = await carryOutChecks(goals, context);
  if (context.signal.aborted) return null;
  return {
    checks: checks.map((check) => {
      const { ok = false, found = "" } = results.get(check) ?? {};
      return { check: check.name, passed: ok, found };
    }),
    files,
  };
}

/** What a check that passes now cannot say itself: that it passed before any work, and what has changed under it. */
export async function remarksOn(check: PreparedCheck, start: GoalsChecked, workspace: Workspace): Promise<string[]> {
  const passed = start.checks.some((each) => each.check === check.name && each.passed);
  const remarks = passed ? ["passed already at the start"] : [];
  const before = new Map(start.files.map(({ file, print }) => [file, print]));
  for (const file of check.files) {
    const now = await printOf(workspace, file);
    if (now === null || now === before.get(file)) continue;
    remarks.push(`${file} was ${before.has(file) ? "changed" : "made"} by this run`);
  }
  return remarks;
}
