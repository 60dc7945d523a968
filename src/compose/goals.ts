import type { Tape } from "../cassette/tape.js";
import type { CheckContext } from "../goals/check.js";
import { basesOf, fixedPlaces, type Bases } from "../goals/fixed.js";
import { prepareGuards } from "../goals/guards.js";
import { judgeGoals } from "../goals/judge.js";
import { prepareGoals, type CheckNames, type PreparedGoal } from "../goals/prepare.js";
import { checkGoalsAtStart, refuseVacuous, remarksOn, unprovable, warningsAtStart } from "../goals/start.js";
import type { GoalsChecked } from "../history/events.js";
import type { Emit } from "../history/emit.js";
import type { Check } from "../goals/check.js";
import type { Command } from "../commands/command.js";
import type { Goal, GoalVerdict, WrittenCheck } from "../history/goals.js";
import type { RecordedRun } from "../history/read-run.js";
import type { FixedPlaces } from "../protection/protection.js";
import type { ProtectionRule } from "../protection/rule.js";
import type { Settings } from "../settings/schema.js";
import type { Workspace } from "../workspace/workspace.js";
import type { Code, OwnFiles } from "./code.js";
import { ownFiles, workspaceOf } from "./code.js";
import { changedByRun } from "./checks/changed-by-run.js";
import { withEmptyWorkspace } from "./checks/empty-workspace.js";

/** How long one check may take before the first step, in seconds. The AI waits for it, and most find nothing yet. */
export const mostSecondsAtStart = 20;

/** The goals of a run with what is under `must_not`, by what they are judged, and the files that follow from that. */
export type FixedGoals = {
  goals: readonly PreparedGoal[];
  bases: Bases;
  fixed: FixedPlaces;
  own: OwnFiles;
};

export type FixingRequest = {
  settings: Settings;
  cwd: string;
  goals: readonly Goal[];
  mustNot?: readonly WrittenCheck[] | undefined;
  checks: readonly Check[];
  protect: readonly ProtectionRule[];
  workspaceDirectory: string;
  /** Where half-written files are kept. */
  temporary: string;
  /** What the journal says of the run's earlier part. */
  recorded?: RecordedRun | null;
};

/** Prepares goals and guards, and finds out what no command may change because they are judged by it. Throws SettingsError. */
export async function fixGoals(request: FixingRequest): Promise<FixedGoals> {
  const { settings, cwd, protect, workspaceDirectory, temporary } = request;
  const named: CheckNames = new Map();
  const goals = [
    ...prepareGoals(request.goals, request.checks, { named }),
    ...prepareGuards(request.mustNot ?? [], named),
  ];
  const open = ownFiles(settings, cwd, protect);
  if (goals.every(({ checks, protects }) => checks.length + protects.length === 0))
    return { goals, bases: new Map(), fixed: { paths: [], patterns: [] }, own: open };
  const workspace = await workspaceOf(workspaceDirectory, open, temporary);
  const bases = await basesOf(goals, workspace);
  const fixed = await fixedPlaces(goals, bases, workspace, request.recorded?.checkedAtStart);
  return { goals, bases, fixed, own: ownFiles(settings, cwd, protect, fixed) };
}

export type RunGoalsOptions = FixedGoals & {
  settings: Settings;
  workspace: Workspace;
  code: Pick<Code, "runShell" | "endJobs">;
  /** What else checks may use. */
  checkTools: Pick<CheckContext, "askModel" | "requestPage" | "search">;
  emit: Emit;
  recorded: RecordedRun | null;
  /** The user takes what judges as it is now. */
  fixAnew?: boolean | undefined;
  /** Every command that the run may have used. */
  commands: readonly Command[];
  requireProof: boolean;
  signal: AbortSignal;
  warn(text: string): void;
  heard?: ((what: string) => void) | undefined;
  judged?: ((verdicts: readonly GoalVerdict[]) => void) | undefined;
  /** What stands between the checks' programs and the run. */
  tape?: Tape | null;
};

/** The goals of one run: looked at before its first step, and judged. */
export type RunGoals = {
  checkAtStart(): Promise<void>;
  judge(completed: boolean): Promise<GoalVerdict[]>;
  /** What the model is told of the checks in every request, a line for each goal that has some. */
  standing: readonly string[];
};

const standingLines = (goals: readonly PreparedGoal[]): string[] =>
  goals.flatMap(({ goal, guard, checks }, index) =>
    checks.length === 0
      ? []
      : [`- ${guard ? goal : `goal ${index + 1}`}: ${checks.map(({ name }) => name).join("; ")}`],
  );

export function createRunGoals(options: RunGoalsOptions): RunGoals {
  const { goals, bases, workspace, code, checkTools, emit, recorded, signal, heard } = options;
  const context = { workspace, runShell: code.runShell(signal), ...checkTools, heard };
  const checks = goals.flatMap((goal) => goal.checks);
  const hasBegun = recorded !== null && (recorded.steps.length > 0 || recorded.open !== null);
  let start = recorded?.checkedAtStart ?? null;
  return {
    standing: standingLines(goals),
    async checkAtStart() {
      const known = new Set(start?.checks.map(({ check }) => check));
      const isKnown = start !== null && options.fixAnew !== true && checks.every(({ name }) => known.has(name));
      if (isKnown || goals.every((goal) => goal.checks.length + goal.protects.length === 0)) {
        if (options.requireProof && start !== null) refuseVacuous(goals, start);
        return;
      }
      const runShell = code.runShell(signal, mostSecondsAtStart);
      const late = hasBegun ? await changedByRun(options.settings.home, recorded, options.commands) : null;
      const look = (empty: CheckContext | null): Promise<GoalsChecked | null> =>
        checkGoalsAtStart(goals, {
          ...{ ...context, runShell, signal, bases, empty, before: start, late },
          anew: options.fixAnew ?? false,
        });
      // A run that has begun is not looked at in an empty folder any more.
      const found =
        hasBegun || checks.length === 0
          ? await look(null)
          : await withEmptyWorkspace({ ...options, seconds: mostSecondsAtStart }, look);
      if (found === null) return;
      start = found;
      await emit({ type: "goals-checked", ...found });
      if (hasBegun) return;
      for (const line of await warningsAtStart(goals, found, bases, workspace)) options.warn(`WARNING: ${line}`);
      if (!options.requireProof) return;
      for (const line of unprovable(goals, bases)) options.warn(`WARNING: ${line}`);
      refuseVacuous(goals, found);
    },
    async judge(completed) {
      // What goes on in the background could change a file between two checks, or take the proof away behind the last.
      if (checks.length > 0) await code.endJobs();
      const known = start;
      const verdicts = await judgeGoals(goals, {
        ...context,
        bases,
        completed,
        start: known,
        ...(known && { remarksOn: (check) => remarksOn(check, known, workspace) }),
      });
      options.judged?.(verdicts);
      return verdicts;
    },
  };
}
