import { evidenceInWords, type CheckEvidence, type GoalVerdict } from "../history/goals.js";
import type { GoalsChecked } from "../history/events.js";
import type { Basis, CheckContext, CheckResult } from "./check.js";
import { basesOf, brokenBases, brokenProtects, judgeOf, type Bases } from "./fixed.js";
import type { PreparedCheck, PreparedGoal } from "./prepare.js";
import { waysTo } from "./ways.js";

export type JudgeOptions = CheckContext & {
  /** task_complete ended the run. */
  completed: boolean;
  /** What was there before the first step; what goals are judged by has to be as it was then. */
  start?: GoalsChecked | null | undefined;
  /** By what the checks judge; found out unless given. */
  bases?: Bases | undefined;
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
  const { workspace, start = null } = options;
  const bases = options.bases ?? (await basesOf(goals, workspace));
  const broken = async (): Promise<ReadonlyMap<PreparedCheck, string>> =>
    start === null ? new Map<PreparedCheck, string>() : brokenBases(goals, bases, start, workspace);
  const before = await broken();
  const results = await carryOutChecks(goals, { ...options, bases, without: before });
  // A check may itself change what the others are judged by.
  const after = before.size === results.size ? before : await broken();
  const verdicts: GoalVerdict[] = [];
  for (const goal of goals) verdicts.push(await verdictOn(goal, { results, bases, after, start, options }));
  return verdicts;
}

type Judged = {
  results: ReadonlyMap<PreparedCheck, CheckResult>;
  bases: Bases;
  after: ReadonlyMap<PreparedCheck, string>;
  start: GoalsChecked | null;
  options: JudgeOptions;
};

async function verdictOn(goal: PreparedGoal, { results, bases, after, start, options }: Judged): Promise<GoalVerdict> {
  const named = { goal: goal.goal, ...(goal.guard && { guard: goal.guard }) };
  if (goal.checks.length === 0) {
    const problem = start === null ? null : await brokenProtects(goal, start, options.workspace);
    if (problem !== null) return { ...named, verdict: "failed", evidence: `protects: ${problem}` };
    return { ...named, verdict: options.completed ? "claimed" : "open", evidence: null };
  }
  const checks: CheckEvidence[] = [];
  for (const check of goal.checks) {
    const problem = after.get(check);
    const { ok, found, evidence, judgedBy, remark } = results.get(check) ?? {
      ok: false,
      found: "it was not carried out",
    };
    const passed = ok && problem === undefined;
    const judge = passed
      ? (judgedBy ?? (await judgeOf(goal, bases.get(check) ?? { fixed: [] }, start, options.workspace)))
      : null;
    const remarks = [
      ...(remark === undefined ? [] : [remark]),
      ...(passed && options.remarksOn ? await options.remarksOn(check) : []),
    ];
    checks.push({
      check: check.name,
      passed,
      found: problem ?? found,
      ...(remarks.length > 0 && { remarks }),
      ...(judge !== null && { judgedBy: judge }),
      ...evidence,
    });
  }
  return { ...named, verdict: verdictFrom(checks), evidence: checks.map(evidenceInWords).join("; "), checks };
}

function verdictFrom(checks: readonly CheckEvidence[]): GoalVerdict["verdict"] {
  if (checks.some(({ passed }) => !passed)) return "failed";
  return checks.some(({ judgedBy }) => judgedBy !== undefined) ? "judged" : "proven";
}

type CarryOut = Pick<JudgeOptions, "heard"> & {
  signal?: AbortSignal;
  bases?: Bases;
  /** Checks that are not to be carried out, because what they would find is worth nothing. */
  without?: ReadonlyMap<PreparedCheck, string>;
} & CheckContext;

/** Whether a check may run code that the run has made. */
const runsWork = ({ judgedBy, open, loads = [] }: Basis): boolean =>
  Boolean(judgedBy) || Boolean(open) || loads.length > 0;

/**
 * What each check finds; none is begun once `signal` is aborted. Those that may run what the run has made come first, then
 * others that run a command: they may change files, and what the rest reads must be what is there in the end. From then on
 * nothing on the way to what a check reads may be replaced.
 */
export async function carryOutChecks(
  goals: readonly PreparedGoal[],
  { heard, signal, bases = new Map(), without = new Map(), ...context }: CarryOut,
): Promise<ReadonlyMap<PreparedCheck, CheckResult>> {
  const results = new Map<PreparedCheck, CheckResult>();
  const checks = goals.flatMap((goal) => goal.checks);
  const commands = checks.filter(({ needs }) => needs === "shell");
  const own = new Set(commands.filter((check) => runsWork(bases.get(check) ?? { fixed: [] })));
  const reading = checks.filter(({ needs }) => needs !== "shell");
  const carryOut = async (some: Iterable<PreparedCheck>): Promise<void> => {
    for (const check of some) {
      if (signal?.aborted) return;
      const problem = without.get(check);
      heard?.(`check ${check.name}`);
      results.set(check, problem === undefined ? await check.run(context) : { ok: false, found: problem });
    }
  };
  await carryOut(own);
  await carryOut(commands.filter((check) => !own.has(check)));
  const { workspace } = context;
  const read = reading.flatMap(({ files }) => files);
  const before = await waysTo(workspace, read);
  await carryOut(reading);
  const after = await waysTo(workspace, read);
  for (const check of reading) {
    const replaced = check.files.find((file) => before.get(file) !== after.get(file));
    if (replaced !== undefined && results.get(check)?.ok)
      results.set(check, {
        ok: false,
        found: `${replaced}, or the way to it, was changed while the checks were carried out`,
      });
  }
  return results;
}
