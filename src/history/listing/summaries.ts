import { messageOf } from "../../errors.js";
import type { Totals } from "../event-parts.js";
import { goalOf } from "../goals.js";
import { isCompleted } from "../resume.js";
import { lockHolderOf, runNames, runsDirectory } from "../runs.js";
import type { RecordedRun } from "../read-run.js";

export type RunSummary = {
  run: string;
  /** Where it is kept. */
  home: string;
  /** `running`, `killed` (no end in its journal), `unreadable`, or the reason of its end. */
  state: string;
  /** Whether `--resume` can go on with it. */
  open: boolean;
  aiName: string | null;
  /** The text of its first goal. */
  goal: string | null;
  steps: number;
  costUsd: number;
  /** All that it has used so far, without what is reserved while it is running; null where its journal cannot be read. */
  usage: Totals | null;
  started: string | null;
  /** How long its processes worked, in milliseconds. */
  durationMs: number;
  problem?: string;
};

/** What each run of this home came to, oldest first. A journal that cannot be read is listed as such. */
export async function summarizeRuns(home: string): Promise<RunSummary[]> {
  const names = runNames(home);
  return Promise.all(names.map((name) => summarizeRun(home, name)));
}

/** What this run came to. A journal that cannot be read is listed as such. */
export async function summarizeRun(home: string, run: string): Promise<RunSummary> {
  try {
    const { readRunNamed } = await import("../read-run.js");
    return summaryOf(home, await readRunNamed(runsDirectory(home), run));
  } catch (thrown) {
    const nothing = { aiName: null, goal: null, steps: 0, costUsd: 0, usage: null, started: null, durationMs: 0 };
    return { run, home, state: "unreadable", open: false, ...nothing, problem: messageOf(thrown) };
  }
}

/** What a run that has been read came to; `isOver`: whoever holds its lock has finished with it; `finished`: so many steps it has, where not all of them are given. */
export function summaryOf(
  home: string,
  recorded: RecordedRun,
  { isOver = false, finished = recorded.steps.length }: { isOver?: boolean; finished?: number } = {},
): RunSummary {
  const { run, start, settled, lastTime } = recorded;
  const [first] = start.goals;
  const state = isOver || lockHolderOf(home, run) === null ? (recorded.end?.reason ?? "killed") : "running";
  const isRunning = state === "running";
  const spent = isRunning ? settled : recorded.spent;
  return {
    run,
    home,
    state,
    open: !isRunning && !isCompleted(recorded),
    aiName: start.aiName,
    goal: first === undefined ? null : goalOf(first).goal,
    steps: finished,
    costUsd: spent.costUsd,
    usage: spent,
    started: start.time,
    durationMs: recorded.durationMs + (isRunning ? Math.max(0, Date.now() - lastTime) : 0),
  };
}
