import { answerOf, followChanges, followRefusals } from "../changed-files.js";
import type { ChangedFiles, Refusal, RunLimits, Thoughts } from "../event-parts.js";
import type { CircleFound, ContextTainted, EffectStopped, JournalEvent, RunEnd, RunStart, Step } from "../events.js";
import { shortIdIn } from "../listing/find-run.js";
import { summaryOf, type RunSummary } from "../listing/summaries.js";
import type { ParkedQuestion } from "../questions/parked.js";
import { unansweredOf, type ServerQuestion } from "../questions/server-questions.js";
import { foldRun } from "../fold/run-fold.js";
import { visitEvents, type ReadEvents } from "../read-events.js";
import { followSpending, type Spending } from "../recorded-usage.js";
import { journalFile } from "../run-log.js";
import { runDirectory } from "../runs.js";

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
  /** Its steps, or the last ones, in their order; `steps` is how many it has. */
  reportedSteps: ReportedStep[];
};

export type ReportOptions = {
  /** This process has just ended it, and holds its lock still. */
  isOver?: boolean;
  /** So many of its last steps are reported one by one, all where this is not given. What is said of the run as a whole is of all of them. */
  lastSteps?: number;
};

/** Reads the run of this name, an event at a time. Throws SettingsError where its journal is damaged. */
export async function reportOf(home: string, run: string, options: ReportOptions = {}): Promise<RunReport> {
  const followed = followReport(options);
  const file = journalFile(runDirectory(home, run));
  const { validBytes } = await visitEvents(file, followed.add, { isOwn: options.isOver ?? false });
  return followed.report(home, run, validBytes);
}

/** The same of a journal that has been read. */
export async function reportIn(home: string, run: string, { events, validBytes }: ReadEvents): Promise<RunReport> {
  const followed = followReport({});
  for (const event of events) followed.add(event);
  return followed.report(home, run, validBytes);
}

/** Makes a report event by event. */
function followReport({ isOver = false, lastSteps = Infinity }: ReportOptions) {
  const reported: ReportedStep[] = [];
  const [times, changes, refusals, spending] = [followTimes(), followChanges(), followRefusals(), followSpending()];
  // What a fork took over is the other run's doing.
  let [takenOver, finished] = [0, 0];
  const isOwn = ({ step }: { step: number }): boolean => step > takenOver;
  const fold = foldRun((step) => {
    finished += 1;
    reported.push({ ...step, ...times.ofEnded(step.step) });
    if (reported.length > 2 * lastSteps) reported.splice(0, lastSteps);
    if (!isOwn(step)) return;
    changes.add(step);
    refusals.add(step);
  });
  return {
    add(event: JournalEvent): void {
      if (event.type === "run-start") takenOver = event.forkedFrom?.step ?? 0;
      times.add(event);
      spending.add(event);
      fold.add(event);
    },
    async report(home: string, run: string, validBytes: number): Promise<RunReport> {
      const recorded = fold.run(reported, validBytes);
      const { start, limits, continuous, end, contextTainted, effectsStopped } = recorded;
      const summary = summaryOf(home, recorded, { isOver, finished });
      return {
        ...summary,
        id: shortIdIn(home, run),
        journal: journalFile(runDirectory(home, run)),
        ...{ start, limits, continuous, end },
        answer: answerOf(reported),
        files: changes.files(),
        refusals: refusals.refusals(),
        circles: recorded.circles.filter(isOwn),
        question: recorded.parked?.answer === null ? recorded.parked : null,
        serverQuestions: unansweredOf(recorded.serverQuestions),
        ...{ contextTainted, effectsStopped: effectsStopped.filter(isOwn) },
        undoneAfter: null,
        spending: spending.spending(summary.state === "running"),
        reportedSteps: lastSteps === Infinity ? reported : reported.slice(-lastSteps),
      };
    },
  };
}

/** Follows how long the command of a step ran, and what the model thought before it. */
function followTimes() {
  const began = new Map<number, number>();
  const thoughts = new Map<number, Thoughts>();
  let durationMs: number | null = null;
  return {
    add(event: JournalEvent): void {
      const at = event.elapsedMs ?? Date.parse(event.time);
      if (event.type === "command-start") began.set(event.step, at);
      if (event.type === "reply-parsed") thoughts.set(event.step, event.thoughts);
      if (event.type !== "step-end") return;
      const start = began.get(event.step);
      durationMs = start !== undefined && event.outcome === "ran" ? Math.max(0, at - start) : null;
    },
    /** Of the step that the last event has ended; asked for once. */
    ofEnded(step: number): Pick<ReportedStep, "durationMs" | "thoughts"> {
      const thought = thoughts.get(step) ?? null;
      began.delete(step);
      thoughts.delete(step);
      return { durationMs, thoughts: thought };
    },
  };
}
