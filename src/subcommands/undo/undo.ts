import { commandLine } from "../../base/process/command-line.js";
import { isInRepository } from "../../base/folders/state-folder.js";
import { counted } from "../../base/text.js";
import { escapeControls } from "../../base/escape.js";
import { createMask } from "../../base/mask.js";
import { messageForPerson, SettingsError } from "../../errors.js";
import type { Step } from "../../history/events.js";
import type { Change } from "../../snapshots/entry.js";
import type { SnapshotHistory } from "../../snapshots/history.js";
import { momentInWords } from "../../console/text/words.js";
import { stepsThatStay, type UndoPlan } from "../../snapshots/undo.js";
import type { SubcommandUse } from "../memory/own-memory.js";
import { bringBackSteps, forgetSteps, untouched, type Memories } from "./memories.js";
import {
  lastStepOf,
  planUndoTo,
  putBackTo,
  refuseWhileAtWork,
  withKeptRun,
  type KeptRun,
} from "../../compose/kept-run.js";

export type UndoOptions = {
  /** Null: the last run of this folder that changed something. */
  run: string | null;
  /** The step whose state is wanted; undefined: before the first, or, where steps are undone, as it was before that undo. */
  to: number | undefined;
  dryRun: boolean;
  json: boolean;
};

/**
 * `autogpt undo`: brings the workspace back to what it was after a step, or reverses the last undo. What somebody else changed since
 * stays. What the run remembered in the steps that are undone is forgotten with them, and comes back with them. Resolves to what is
 * printed, and whether all was put back that could be; where not, the same call goes on with the rest later. Throws SettingsError where
 * there is nothing to undo.
 */
export async function undo(
  use: SubcommandUse,
  { run, to, dryRun, json }: UndoOptions,
): Promise<{ text: string; whole: boolean }> {
  if (isInRepository(use.loaded.settings.home))
    throw new SettingsError(
      `${use.loaded.settings.home} came with the repository that it lies in, so the runs in it may be somebody else's, and nothing is undone. Name another folder with AUTOGPT_HOME.`,
    );
  return withKeptRun(use.loaded, use.cwd, run, async (kept) => {
    const wanted = aimOf(kept, to);
    const call = commandLine(run === null ? "undo" : `undo ${run}`);
    if (!dryRun) await refuseWhileAtWork(kept, use.loaded.settings.home);
    const plan = await planUndoTo(kept, wanted);
    if (dryRun) return { text: json ? asJson(kept, plan, plan.changes, null) : sayPlan(kept, plan), whole: true };
    const done = await putBackTo(kept, plan);
    await writeReportAnew(use, kept.run);
    const whole = plan.failed.length === 0;
    const memories = whole ? await followInMemory(use, kept, plan) : untouched;
    return { text: json ? asJson(kept, plan, done, memories) : sayDone(kept, plan, done, { memories, call }), whole };
  });
}

/** The report of the run says from now on where the workspace stands. */
async function writeReportAnew({ loaded, note }: SubcommandUse, run: string): Promise<void> {
  const { writeReport } = await import("../../run/end/write-report.js");
  try {
    await writeReport(loaded.settings.home, run, createMask(loaded.secrets));
  } catch (thrown) {
    note(`WARNING: The report of the run ${run} does not say that steps are undone: ${messageForPerson(thrown)}`);
  }
}

/** The step whose state is wanted. Throws SettingsError where the run has no such state. */
function aimOf(kept: KeptRun, to: number | undefined): number {
  const { run, history, recorded } = kept;
  const last = lastStepOf(kept);
  const { step: first = 0, run: original = "" } = recorded.start.forkedFrom ?? {};
  const wanted = to ?? usualAim(history, { first, last });
  if (wanted < first)
    throw new SettingsError(
      `The run ${run} begins behind step ${first} of the run ${original}: undo that one to go back further.`,
    );
  if (wanted > last)
    throw new SettingsError(`The run ${run} has ${counted(last, "step")}, so there is no state after step ${wanted}.`);
  return wanted;
}

/**
 * Where nothing is undone, before the first step; else where the workspace stood before the last undo, or, where that has put back a part,
 * after the last step. An unfinished undo goes on.
 */
function usualAim(
  { position, before, unfinished }: SnapshotHistory,
  { first, last }: { first: number; last: number },
): number {
  if (position === null) return first;
  if (unfinished) return position;
  return before !== null && before > position ? before : last;
}

/** The steps whose memories follow what the plan does: those of which all is undone, or put back. */
function followedSteps(kept: KeptRun, plan: UndoPlan): ReadonlySet<number> {
  const [first, last] = [Math.min(plan.from, plan.to), Math.max(plan.from, plan.to)];
  const stay = new Set([...stepsThatStay(kept.history, plan), ...unknownSteps(kept, plan)]);
  const between = kept.recorded.steps.map(({ step }) => step).filter((step) => step > first && step <= last);
  return new Set(between.filter((step) => !stay.has(step)));
}

const followInMemory = (use: SubcommandUse, kept: KeptRun, plan: UndoPlan): Promise<Memories> =>
  (plan.to < plan.from ? forgetSteps : bringBackSteps)(use, kept, followedSteps(kept, plan));

const word = ({ before, after }: Change): string =>
  after === null ? "remove" : before === null ? "bring back" : "put back";
const list = (paths: readonly string[]): string =>
  paths.map((path) => escapeControls(path, { newlines: "escape" })).join(", ");

function sayPlan(kept: KeptRun, plan: UndoPlan): string {
  const { remembered } = kept.recorded;
  const forgets = [...followedSteps(kept, plan)].filter((step) => remembered.has(step)).length;
  if (plan.from === plan.to && plan.changes.length === 0)
    return `The workspace is as it was ${momentInWords(plan.to)} of the run ${kept.run}: there is nothing to do.`;
  const lines = plan.changes.map((change) => `  ${word(change).padEnd(10)}  ${list([change.path])}`);
  return [
    `This would ${plan.to > plan.from ? "put back" : "undo"} ${steps(plan)} of the run ${kept.run}. Nothing is changed yet:`,
    ...(lines.length === 0 ? ["  there is nothing to do"] : lines),
    ...notes(kept, plan),
    ...(forgets > 0 && plan.to < plan.from
      ? [`What was remembered in ${counted(forgets, "step")} will be forgotten, until the steps are put back.`]
      : []),
  ].join("\n");
}

/** `call`: how the user has called this. */
type Said = { memories: Memories; call: string };

function sayDone(kept: KeptRun, plan: UndoPlan, done: readonly Change[], { memories, call }: Said): string {
  const { run } = kept;
  const removed = done.filter(({ after }) => after === null).length;
  const put = done.length - removed;
  const what = [
    put > 0 ? `${counted(put, "path")} put back` : "",
    removed > 0 ? `${counted(removed, "path")} removed` : "",
  ];
  if (plan.failed.length > 0)
    return [
      `Not finished: ${steps(plan)} of the run ${run}: ${what.filter((one) => one !== "").join(", ") || "nothing was done"}.`,
      ...notes(kept, plan),
      `Mend what stands in the way; ${call} does the rest then.`,
    ].join("\n");
  const { forgotten, broughtBack } = memories;
  const isAll = plan.kept.length + plan.lost.length + unknownSteps(kept, plan).length === 0;
  return [
    `${plan.to > plan.from ? "Put back" : "Undone"}: ${steps(plan)} of the run ${run} ` +
      `(${what.filter((one) => one !== "").join(", ") || "there was nothing to do"}).`,
    ...notes(kept, plan),
    ...(forgotten > 0 ? [`${counted(forgotten, "record")} of memory forgotten.`] : []),
    ...(broughtBack > 0 ? [`${counted(broughtBack, "record")} of memory brought back.`] : []),
    `${isAll ? "The workspace" : "All else in the workspace"} is as it was ${momentInWords(plan.to)}.${sayWayBack(kept, plan, call)}`,
  ].join("\n");
}

/** How to put back what is undone now. */
function sayWayBack(kept: KeptRun, { from, to }: UndoPlan, call: string): string {
  const last = lastStepOf(kept);
  if (to >= last || from === to) return "";
  const plain = ` ${call} puts ${to < from ? "it" : "the rest"} back.`;
  return to < from && from < last ? `${plain} ${call} --to ${last} puts all back.` : plain;
}

const steps = ({ from, to }: UndoPlan): string => {
  if (from === to) return "no step";
  const [first, last] = to < from ? [to + 1, from] : [from + 1, to];
  return first >= last ? `step ${last}` : `steps ${first} to ${last}`;
};

const notes = (run: KeptRun, plan: UndoPlan): string[] => [...notesOn(plan), ...unknownNote(unknownSteps(run, plan))];

const notesOn = ({ kept, lost, failed }: UndoPlan): string[] => [
  ...(kept.length > 0 ? [`Left as they are, because somebody else has changed them: ${list(kept)}`] : []),
  ...(lost.length > 0
    ? [
        `Cannot be put back, because their content was not kept (above 64 MB, with a key in it, or no plain file) or is damaged: ${list(lost)}`,
      ]
    : []),
  ...failed.map(
    ({ path, why }) => `Could not be put back: ${list([path])}: ${escapeControls(why, { newlines: "escape" })}`,
  ),
];

/** The steps of which it is not known what they changed, since keeping it had failed or was off. */
function unknownSteps({ history, recorded }: KeptRun, { from, to }: UndoPlan): number[] {
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  const isUnknown = ({ step, result }: Step): boolean => result.changed === true && !history.steps.has(step);
  return recorded.steps.filter((one) => one.step > first && one.step <= last && isUnknown(one)).map(({ step }) => step);
}

const unknownNote = (steps: readonly number[]): string[] =>
  steps.length === 0
    ? []
    : [`What ${steps.length === 1 ? "step" : "steps"} ${steps.join(", ")} changed was not kept, so it stays.`];

/** `memories` is null where nothing is done yet. */
const asJson = (keptRun: KeptRun, plan: UndoPlan, done: readonly Change[], memories: Memories | null): string =>
  JSON.stringify({
    ...{ run: keptRun.run, from: plan.from, to: plan.to, dryRun: memories === null },
    changes: done.map((change) => ({ path: change.path, action: word(change).replace(" ", "-") })),
    ...{ kept: plan.kept, lost: plan.lost, failed: plan.failed, unknownSteps: unknownSteps(keptRun, plan) },
    ...(memories !== null && { memories }),
  });
