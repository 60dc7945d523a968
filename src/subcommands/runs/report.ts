import { answerOf, changedBy, refusalsIn } from "../../history/changed-files.js";
import type { ChangedFiles, Refusal, RunLimits, Thoughts } from "../../history/event-parts.js";
import type { ContextTainted, EffectStopped, JournalEvent, RunEnd, RunStart, Step } from "../../history/events.js";
import { shortIds } from "../../history/listing/find-run.js";
import { summaryOf, type RunSummary } from "../../history/listing/summaries.js";
import { readEvents } from "../../history/read-events.js";
import { runOf } from "../../history/read-run.js";
import { spendingOf, type Spending } from "../../history/recorded-usage.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory, runNames } from "../../history/runs.js";

/** One step as it is reported; `durationMs` is how long its command ran, null where none did or that is not known. */
export type ReportedStep = Step & { durationMs: number | null; thoughts: Thoughts | null };

/** All that can be said of a run afterwards; it is made from its journal alone. */
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
  /** Where text of others came from that it has read. */
  contextTainted: readonly ContextTainted[];
  /** What was not simply let run because of it. */
  effectsStopped: readonly EffectStopped[];
  spending: Spending[];
  reportedSteps: ReportedStep[];
};

/** Reads the run of this name. Throws SettingsError where its journal is damaged. */
export async function reportOf(home: string, run: string): Promise<RunReport> {
  const journal = journalFile(runDirectory(home, run));
  const read = await readEvents(journal);
  const recorded = runOf(read);
  const { start, steps, limits, continuous, end, contextTainted, effectsStopped } = recorded;
  const ids = shortIds(await runNames(home));
  return {
    ...summaryOf(home, recorded),
    id: ids.get(run) ?? run,
    journal,
    ...{ start, limits, continuous, end },
    answer: answerOf(steps),
    files: changedBy(steps),
    refusals: refusalsIn(steps),
    ...{ contextTainted, effectsStopped },
    spending: spendingOf(read.events),
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
