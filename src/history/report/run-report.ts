import { answerOf, changedBy, refusalsIn } from "../changed-files.js";
import type { ChangedFiles, Refusal, RunLimits, Thoughts } from "../event-parts.js";
import type { CircleFound, ContextTainted, EffectStopped, JournalEvent, RunEnd, RunStart, Step } from "../events.js";
import { shortIds } from "../listing/find-run.js";
import { summaryOf, type RunSummary } from "../listing/summaries.js";
import type { ParkedQuestion } from "../questions/parked.js";
import { unansweredOf, type ServerQuestion } from "../questions/server-questions.js";
import { readEvents, type ReadEvents } from "../read-events.js";
import { runOf } from "../read-run.js";
import { spendingOf, type Spending } from "../recorded-usage.js";
import { journalFile } from "../run-log.js";
import { runDirectory, runNames } from "../runs.js";

/** One step as it is reported; `durationMs` is how long its command ran, null where none did or that is not known. */
export type ReportedStep = Step & { durationMs: number | null; thoughts: Thoughts | null };

/** All that can be said of a run afterwards; but for `undoneAfter` it is made from its journal alone. */
export type RunReport = RunSummary & {
  id: string;
  journal: string;
  start: RunStart;
  limits: RunLimits;
  continuous: boolean;
  /** Its last event, where that is its end. */
  end: RunEnd | null;
  answer: string | null;
  files: ChangedFiles;
  refusals: Refusal[];
  /** The circles that it was found to walk in. */
  circles: readonly CircleFound[];
  /** What it waits for: the question that nobody has answered yet. */
  question: ParkedQuestion | null;
  /** What servers have asked when it parked, and nobody has answered yet. */
  serverQuestions: readonly ServerQuestion[];
  /** Where text of others came from that it has read. */
  contextTainted: readonly ContextTainted[];
  /** What was not simply let run because of it. */
  effectsStopped: readonly EffectStopped[];
  /** After which step the workspace stands, where later ones are undone; null where none is, or that was not looked at. */
  undoneAfter: number | null;
  spending: Spending[];
  reportedSteps: ReportedStep[];
};

/** Reads the run of this name; `isOver`: this process has just ended it, and holds its lock still. Throws SettingsError where its journal is damaged. */
export async function reportOf(home: string, run: string, isOver = false): Promise<RunReport> {
  return reportIn(home, run, await readEvents(journalFile(runDirectory(home, run)), { isOwn: isOver }), isOver);
}

/** The same of a journal that has been read. */
export async function reportIn(home: string, run: string, read: ReadEvents, isOver = false): Promise<RunReport> {
  const recorded = runOf(read);
  const { start, steps, limits, continuous, end, contextTainted, effectsStopped } = recorded;
  const ids = shortIds(await runNames(home));
  // What a fork took over is the other run's doing.
  const takenOver = start.forkedFrom?.step ?? 0;
  const own = steps.slice(takenOver);
  const isOwn = ({ step }: { step: number }): boolean => step > takenOver;
  const summary = summaryOf(home, recorded, isOver);
  return {
    ...summary,
    id: ids.get(run) ?? run,
    journal: journalFile(runDirectory(home, run)),
    ...{ start, limits, continuous, end },
    answer: answerOf(steps),
    files: changedBy(own),
    refusals: refusalsIn(own),
    circles: recorded.circles.filter(isOwn),
    question: recorded.parked?.answer === null ? recorded.parked : null,
    serverQuestions: unansweredOf(recorded.serverQuestions),
    ...{ contextTainted, effectsStopped: effectsStopped.filter(isOwn) },
    undoneAfter: null,
    spending: spendingOf(read.events, summary.state === "running"),
    reportedSteps: withTimes(steps, read.events),
  };
}

function withTimes(steps: readonly Step[], events: readonly JournalEvent[]): ReportedStep[] {
  const began = new Map<number, number>();
  const lasted = new Map<number, number>();
  const thoughts = new Map<number, Thoughts>();
  for (const event of events) {
    const at = event.elapsedMs ?? Date.parse(event.time);
    if (event.type === "command-start") began.set(event.step, at);
    if (event.type === "reply-parsed") thoughts.set(event.step, event.thoughts);
    if (event.type !== "step-end") continue;
    const start = began.get(event.step);
    if (start !== undefined && event.outcome === "ran") lasted.set(event.step, Math.max(0, at - start));
  }
  return steps.map((step) => ({
    ...step,
    durationMs: lasted.get(step.step) ?? null,
    thoughts: thoughts.get(step.step) ?? null,
  }));
}
