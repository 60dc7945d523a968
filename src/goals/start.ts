import { SettingsError } from "../errors.js";
import type { CheckedAtStart, FileAtStart } from "../history/goals.js";
import type { GoalsChecked } from "../history/events.js";
import type { Workspace } from "../workspace/workspace.js";
import type { CheckContext } from "./check.js";
import { basesOf, brokenBases, judgeByBasis, printsOf, type Bases } from "./fixed.js";
import { carryOutChecks, type JudgeOptions } from "./judge.js";
import type { PreparedCheck, PreparedGoal } from "./prepare.js";
import { printOf } from "./prints.js";

export type StartOptions = CheckContext &
  Pick<JudgeOptions, "heard"> & {
    signal: AbortSignal;
    /** By what the checks judge; found out unless given. */
    bases?: Bases;
    /** An empty workspace, in which each check is carried out as well; null where there is none. */
    empty?: CheckContext | null;
    /** What an earlier part of the run has found: it stays. */
    before?: GoalsChecked | null;
    /**
     * The run has begun already: what was there before any work cannot be found out any more. Whether the run may have made or
     * changed a file, or one that fits a pattern.
     */
    late?: ((file: string) => boolean) | null;
    /** What judges is fixed as it is now, also where it is not what it was before. */
    anew?: boolean;
  };

/**
 * What the goals' checks find before the first step, here and in an empty folder, and what is in the files that they name
 * and judge by. Null where no goal has checks, or once `signal` is aborted.
 */
export async function checkGoalsAtStart(
  goals: readonly PreparedGoal[],
  { bases: known, empty = null, before = null, late = null, anew = false, ...context }: StartOptions,
): Promise<GoalsChecked | null> {
  const checks = goals.flatMap((goal) => goal.checks);
  if (checks.length === 0 && goals.every(({ protects }) => protects.length === 0)) return null;
  const bases = known ?? (await basesOf(goals, context.workspace));
  // Before the checks: what they run may change files itself.
  const files = await printsOf(goals, bases, context.workspace);
  const results = late !== null ? new Map<PreparedCheck, never>() : await carryOutChecks(goals, { ...context, bases });
  const ofWorkspace = goals
    .filter(({ guard }) => guard === undefined)
    .map((goal) => ({ ...goal, checks: goal.checks.filter(({ elsewhere }) => elsewhere === undefined) }));
  const inEmpty =
    late !== null || empty === null || context.signal.aborted
      ? new Map<PreparedCheck, never>()
      : await carryOutChecks(ofWorkspace, { ...empty, signal: context.signal, bases });
  if (context.signal.aborted) return null;
  const found = new Map(before?.checks.map((one) => [one.check, one]));
  return {
    checks: checks.map((check) => {
      const { ok = false, found: text = "not carried out before the first step" } = results.get(check) ?? {};
      const passesEmpty = inEmpty.get(check)?.ok;
      const now = {
        check: check.name,
        passed: ok,
        found: text,
        ...(passesEmpty !== undefined && { empty: passesEmpty }),
      };
      return found.get(check.name) ?? now;
    }),
    files: filesFrom(before?.files ?? [], files, { late, anew }),
  };
}

/** What is known of files stays; what is fixed anew, or was not fixed yet, is as it is now, and may be the work of the run. */
function filesFrom(
  before: readonly FileAtStart[],
  now: readonly FileAtStart[],
  { late = null, anew = false }: Pick<StartOptions, "late" | "anew">,
): FileAtStart[] {
  const known = new Map(before.map((one) => [one.file, one]));
  const current = now.map((one) => {
    const old = known.get(one.file);
    if (old?.print === one.print) return { ...old, ...one };
    if (old && (!one.fixed || (old.fixed && !anew))) return old;
    return late?.(one.file) ? { ...one, byRun: true as const } : one;
  });
  const listed = new Set(now.map(({ file }) => file));
  return [...before.filter(({ file, fixed }) => !listed.has(file) && !(fixed && anew)), ...current];
}

/** What a check that passes now cannot say itself: that it passed before any work, and what has changed under it. */
export async function remarksOn(check: PreparedCheck, start: GoalsChecked, workspace: Workspace): Promise<string[]> {
  const found = start.checks.find((each) => each.check === check.name);
  const remarks = found === undefined || check.guard ? [] : vacuity(found);
  if (check.needs !== "shell") return remarks;
  const before = new Map(start.files.map(({ file, print }) => [file, print]));
  for (const file of check.files) {
    const now = await printOf(workspace, file);
    if (now === null || now === before.get(file) || start.files.some((one) => one.file === file && one.fixed)) continue;
    remarks.push(`${file} was ${before.has(file) ? "changed" : "made"} by this run`);
  }
  return remarks;
}

/** Why passing proves nothing by itself, as far as it was found out at the start. */
const vacuity = ({ passed, empty = false }: CheckedAtStart): string[] => [
  ...(passed ? ["passes before any work"] : []),
  ...(empty ? ["passes in an empty folder"] : []),
];

/** A check of a goal that proves nothing by itself, and why. */
export type Vacuous = { goal: string; check: string; why: string };

/** The checks whose passing says nothing of the work, goal by goal. */
export function vacuousChecks(goals: readonly PreparedGoal[], start: GoalsChecked): Vacuous[] {
  const found = new Map(start.checks.map((one) => [one.check, vacuity(one)]));
  return goals
    .filter(({ guard }) => guard === undefined)
    .flatMap(({ goal, checks }) =>
      checks.flatMap(({ name }) => {
        const why = found.get(name) ?? [];
        return why.length === 0 ? [] : [{ goal, check: name, why: why.join(", and ") }];
      }),
    );
}

/** Throws SettingsError for the first goal that has checks, none of which says anything of the work. */
export function refuseVacuous(goals: readonly PreparedGoal[], start: GoalsChecked): void {
  const vacuous = vacuousChecks(goals, start);
  for (const { goal, checks } of goals) {
    const own = vacuous.filter((one) => one.goal === goal);
    if (checks.length === 0 || own.length < checks.length) continue;
    const shown = own.map(({ check, why }) => `"${check}" ${why}`).join("; ");
    throw new SettingsError(
      `--require-proof: the goal "${goal}" cannot be proven by its checks, since each of them passes already: ${shown}. ` +
        "Add a check that fails until the work is done, begin with a workspace in which it is not done yet, or leave out --require-proof.",
    );
  }
}

/** What of the goals' checks can never be a proof, a sentence each: the work itself would judge, or a model. */
export const unprovable = (goals: readonly PreparedGoal[], bases: Bases): string[] =>
  goals
    .filter(({ guard }) => guard === undefined)
    .flatMap(({ checks }) => checks)
    .flatMap((check) => {
      const by = judgeByBasis(bases.get(check) ?? {});
      return by === null
        ? []
        : [`The check "${check.name}" is judged by ${by}. That is no proof, which --require-proof asks for.`];
    });

/** Sentences for the person, before the first step: checks that prove nothing, that can never pass, guards that are broken already. */
export async function warningsAtStart(
  goals: readonly PreparedGoal[],
  start: GoalsChecked,
  bases: Bases,
  workspace: Workspace,
): Promise<string[]> {
  const lines = vacuousChecks(goals, start).map(
    ({ check, why }) => `The check "${check}" ${why}, so it proves nothing by itself.`,
  );
  const there = new Set(start.files.map(({ file }) => file));
  for (const { protects } of goals)
    for (const pattern of protects)
      if (!there.has(pattern))
        lines.push(`Nothing is there that fits "${pattern}" (protects), so it protects nothing.`);
  const found = new Map(start.checks.map((one) => [one.check, one]));
  for (const { checks } of goals.filter(({ guard }) => guard))
    for (const { name } of checks)
      if (found.get(name)?.passed === false)
        lines.push(`"${name}" under must_not is broken before any work: ${found.get(name)?.found ?? ""}`);
  for (const [{ name }, { needed = [] }] of bases)
    for (const files of needed)
      if (!files.some((file) => there.has(file)))
        lines.push(
          `The check "${name}" can never pass: ${files[0] ?? ""} is not there, and what a check runs has to be there at the start. ` +
            "Put it there, or say trust: workspace where the work itself is to be run.",
        );
  const broken = await brokenBases(goals, bases, start, workspace);
  for (const [check, problem] of broken) lines.push(`The check "${check.name}" cannot pass: ${problem}.`);
  return lines;
}
