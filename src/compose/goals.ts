import { judgeGoals } from "../goals/judge.js";
import type { PreparedGoal } from "../goals/prepare.js";
import { checkGoalsAtStart, remarksOn } from "../goals/start.js";
import type { Emit } from "../history/emit.js";
import type { GoalVerdict } from "../history/event-parts.js";
import type { RecordedRun } from "../history/read-run.js";
import type { Workspace } from "../workspace/workspace.js";
import type { Code } from "./code.js";

/** How long one check may take before the first step, in seconds. The AI waits for it, and most find nothing yet. */
const mostSecondsAtStart = 20;

export type RunGoalsOptions = {
  goals: readonly PreparedGoal[];
  workspace: Workspace;
  code: Pick<Code, "runShell" | "endJobs">;
  emit: Emit;
  recorded: RecordedRun | null;
  signal: AbortSignal;
  heard?: ((what: string) => void) | undefined;
  judged?: ((verdicts: readonly GoalVerdict[]) => void) | undefined;
};

/** The goals of one run: looked at before its first step, and judged. */
export type RunGoals = {
  checkAtStart(): Promise<void>;
  judge(completed: boolean): Promise<GoalVerdict[]>;
  /** What the model is told of the checks in every request, a line for each goal that has some. */
  standing: readonly string[];
};

export function createRunGoals(options: RunGoalsOptions): RunGoals {
  const { goals, workspace, code, emit, recorded, signal, heard } = options;
  const context = { workspace, runShell: code.runShell(signal), heard };
  const isChecked = goals.some(({ checks }) => checks.length > 0);
  const hasBegun = recorded !== null && (recorded.steps.length > 0 || recorded.open !== null);
  let start = recorded?.checkedAtStart ?? null;
  return {
    standing: goals.flatMap(({ checks }, index) =>
      checks.length === 0 ? [] : [`- goal ${index + 1}: ${checks.map(({ name }) => name).join("; ")}`],
    ),
    async checkAtStart() {
      if (start !== null || hasBegun) return;
      const found = await checkGoalsAtStart(goals, {
        ...context,
        runShell: code.runShell(signal, mostSecondsAtStart),
        signal,
      });
      if (found === null) return;
      start = found;
      await emit({ type: "goals-checked", ...found });
    },
    async judge(completed) {
      // What goes on in the background could change a file between two checks, or take the proof away behind the last.
      if (isChecked) await code.endJobs();
      const known = start;
      const verdicts = await judgeGoals(goals, {
        ...context,
        completed,
        ...(known && { remarksOn: (check) => remarksOn(check, known, workspace) }),
      });
      options.judged?.(verdicts);
      return verdicts;
    },
  };
}
