import type { GoalVerdict } from "../history/event-parts.js";
import type { CheckContext, CheckResult } from "./check.js";
import type { PreparedCheck, PreparedGoal } from "./prepare.js";

export type JudgeOptions = CheckContext & {
  /** task_complete ended the run. */
  completed: boolean;
  /** Is told which check is about to be carried out. */
  heard?: ((what: string) => void) | undefined;
  /** What the evidence says of a check that passed, besides what it found. */
  remarksOn?(check: PreparedCheck): Promise<readonly string[]>;
};

/**
 * Carries out every goal's checks now and judges each goal, in order. `evidence` names every check and what it found,
 * and is null for a goal without checks.
 */
export async function judgeGoals(goals: readonly PreparedGoal[], options: JudgeOptions): Promise<GoalVerdict[]> {
  const { heard, workspace, runShell } = options;
  const results = await carryOutChecks(goals, { heard, workspace, runShell });
  const verdicts: GoalVerdict[] = [];
  for (const { goal, checks } of goals) {
    if (checks.length === 0) {
      verdicts.push({ goal, verdict: options.completed ? "claimed" : "open", evidence: null });
      continue;
    }
    const verdict = checks.every((check) => results.get(check)?.ok === true) ? "proven" : "failed";
    const found = checks.map((check) => evidenceOf(check, results.get(check), options));
    verdicts.push({ goal, verdict, evidence: (await Promise.all(found)).join("; ") });
  }
  return verdicts;
}

/**
 * What each check finds; none is begun once `signal` is aborted. Those that run a command come first: they may change
 * files, and what the others read must be what is there in the end.
 */
export async function carryOutChecks(
  goals: readonly PreparedGoal[],
  { heard, signal, ...context }: Pick<JudgeOptions, "heard"> & { signal?: AbortSignal } & CheckContext,
): Promise<ReadonlyMap<PreparedCheck, CheckResult>> {
  const results = new Map<PreparedCheck, CheckResult>();
  const checks = goals.flatMap((goal) => goal.checks);
  const inOrder = [
    ...checks.filter(({ needs }) => needs === "shell"),
    ...checks.filter(({ needs }) => needs !== "shell"),
  ];
  for (const check of inOrder) {
    if (signal?.aborted) break;
    heard?.(`check ${check.name}`);
    results.set(check, await check.run(context));
  }
  return results;
}

async function evidenceOf(
  check: PreparedCheck,
  result: CheckResult | undefined,
  { remarksOn }: JudgeOptions,
): Promise<string> {
  const remarks = result?.ok === true && remarksOn ? await remarksOn(check) : [];
  return `${check.name}: ${result?.found ?? ""}${remarks.length === 0 ? "" : ` [${remarks.join("; ")}]`}`;
}
