import type { RunStart } from "../../history/events.js";
import { goalOf, type GoalVerdict } from "../../history/goals.js";
import type { GoalView } from "../shapes.js";

/** The goals of a run, then what must not happen, each with what was found out at its last end. */
export function goalViews(start: Pick<RunStart, "goals" | "mustNot">, verdicts: readonly GoalVerdict[]): GoalView[] {
  const left = [...verdicts];
  const verdictOf = (goal: string, guard: boolean): GoalVerdict | null => {
    const at = left.findIndex((one) => one.goal === goal && (one.guard ?? false) === guard);
    return at === -1 ? null : (left.splice(at, 1)[0] ?? null);
  };
  const goals = start.goals.map(goalOf).map(({ goal, checks }): GoalView => {
    const evidence = verdictOf(goal, false);
    return { goal, guard: false, checks: checks.map(checkText), verdict: evidence?.verdict ?? "open", evidence };
  });
  const guards = left.map((evidence) => ({
    ...{ goal: evidence.goal, guard: evidence.guard ?? false, checks: [], verdict: evidence.verdict, evidence },
  }));
  const unjudged =
    guards.length > 0
      ? []
      : (start.mustNot ?? []).map((check): GoalView => ({
          ...{ goal: checkText(check), guard: true, checks: [], verdict: "open", evidence: null },
        }));
  return [...goals, ...guards, ...unjudged];
}

const checkText = (check: Readonly<Record<string, unknown>>): string =>
  Object.entries(check)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
