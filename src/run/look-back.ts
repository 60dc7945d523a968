import { goalOf } from "../history/goals.js";
import { counted } from "../base/text.js";
import { stepLine } from "../console/text/step-line.js";
import { stateInWords } from "../console/text/words.js";
import type { RecordedRun } from "../history/read-run.js";

const mostSteps = 3;

/** What a run was at before it goes on, in some lines for the person: name, goals, how it stopped, and its last steps. */
export function lookBack({ run, start, steps, end }: RecordedRun): string[] {
  const goals = start.goals.map((goal) => `  - ${goalOf(goal).goal}`);
  const { forkedFrom } = start;
  if (forkedFrom !== undefined && end === null && steps.length === forkedFrom.step)
    return [
      `The run ${run} goes on from step ${forkedFrom.step} of the run ${forkedFrom.run} of ${start.aiName}`,
      ...goals,
    ];
  const stopped = `${counted(steps.length, "step")} so far; ${stateInWords(end?.reason ?? "killed")}`;
  return [
    `Going on with the run ${run} of ${start.aiName} (${stopped})`,
    ...goals,
    ...steps.slice(-mostSteps).map((step) => stepLine(step)),
  ];
}
