import { commandLine } from "../../base/process/command-line.js";
import { isInRepository } from "../../base/folders/state-folder.js";
import { counted } from "../../base/text.js";
import { escapeControls } from "../../base/escape.js";
import { messageForPerson, SettingsError } from "../../errors.js";
import type { Step } from "../../history/events.js";
import { isMemoryBackend } from "../../memory/backends.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Change } from "../../snapshots/entry.js";
import type { SnapshotHistory } from "../../snapshots/history.js";
import type { UndoPlan } from "../../snapshots/undo.js";
import { withOwnMemory, type SubcommandUse } from "../memory/own-memory.js";
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
  /** The step whose state is wanted; undefined: before the first, or, where all is undone, as it was before that. */
  to: number | undefined;
  dryRun: boolean;
  json: boolean;
};

/**
 * `autogpt undo`: brings the workspace back to what it was after a step, keeps what somebody else changed since, and forgets
 * what the run remembered after that step. Resolves to what is printed, and whether all was put back that could be; where not, the same call
 * goes on with the rest later. Throws SettingsError where there is nothing to undo.
 */
export async function undo(
  use: SubcommandUse,
  { run, to, dryRun, json }: UndoOptions,
): Promise<{ text: string; whole: boolean }> {
  if (await isInRepository(use.loaded.settings.home))
    throw new SettingsError(
      `${use.loaded.settings.home} came with the repository that it lies in, so the runs in it may be somebody else's, and nothing is undone. Name another folder with AUTOGPT_HOME.`,
    );
  return withKeptRun(use.loaded, use.cwd, run, async (kept) => {
    const { history, recorded } = kept;
    const last = lastStepOf(kept);
    const first = recorded.start.forkedFrom?.step ?? 0;
    const wanted = to ?? usualAim(history, { first, last });
    if (wanted < first)
      throw new SettingsError(
        `The run ${kept.run} begins behind step ${first} of the run ${recorded.start.forkedFrom?.run}: undo that one to go back further.`,
      );
    if (wanted > last)
      throw new SettingsError(
        `The run ${kept.run} has ${counted(last, "step")}, so there is no state after step ${wanted}.`,
      );
    if (!dryRun) await refuseWhileAtWork(kept, use.loaded.settings.home);
    const plan = await planUndoTo(kept, wanted);
    const forgets = recorded.steps.filter(({ step }) => step > wanted && recorded.remembered.has(step)).length;
    if (dryRun)
      return { text: json ? asJson(kept, plan, plan.changes, true) : sayPlan(kept, plan, forgets), whole: true };
    const done = await putBackTo(kept, plan);
    const whole = plan.failed.length === 0;
    const forgotten = whole && wanted < plan.from ? await forget(use, kept, wanted) : 0;
    return { text: json ? asJson(kept, plan, done, false) : sayDone(kept, plan, done, forgotten), whole };
  });
}

/** What is undone lies before the first step, or, where that is where the workspace stands, where it was before; an unfinished undo goes on. */
function usualAim(
  { position, before, unfinished }: SnapshotHistory,
  { first, last }: { first: number; last: number },
): number {
  if (unfinished && position !== null) return position;
  return position === first ? (before ?? last) : first;
}

/** What was remembered in steps that are undone did not happen. A memory that cannot be opened does not undo the undoing. */
async function forget(use: SubcommandUse, { run, recorded }: KeptRun, after: number): Promise<number> {
  const { memory, aiName } = recorded.start;
  if (!isMemoryBackend(memory) || memory === "no_memory") return 0;
  const loaded: LoadedSettings = { ...use.loaded, settings: { ...use.loaded.settings, memoryBackend: memory, aiName } };
  try {
    return await withOwnMemory({ ...use, loaded }, { asItIs: true }, ({ memory: own }) =>
      own.forget({ run, afterStep: after }),
    );
  } catch (thrown) {
    use.note(
      `WARNING: The files are as they were, but what was remembered since step ${after} is not forgotten: ${messageForPerson(thrown)}`,
    );
    return 0;
  }
}

const word = ({ before, after }: Change): string =>
  after === null ? "remove" : before === null ? "bring back" : "put back";
const list = (paths: readonly string[]): string =>
  paths.map((path) => escapeControls(path, { newlines: "escape" })).join(", ");

function sayPlan(kept: KeptRun, plan: UndoPlan, forgets: number): string {
  const lines = plan.changes.map((change) => `  ${word(change).padEnd(10)}  ${list([change.path])}`);
  return [
    `This would ${plan.to > plan.from ? "put back" : "undo"} ${steps(plan)} of the run ${kept.run}. Nothing is changed yet:`,
    ...(lines.length === 0 ? ["  there is nothing to do"] : lines),
    ...notes(kept, plan),
    ...(forgets > 0 && plan.to < plan.from
      ? [`What was remembered in ${counted(forgets, "step")} will be forgotten.`]
      : []),
  ].join("\n");
}

function sayDone(kept: KeptRun, plan: UndoPlan, done: readonly Change[], forgotten: number): string {
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
      `Mend what stands in the way; ${commandLine(`undo ${run}`)} does the rest then.`,
    ].join("\n");
  const back = plan.to < plan.from ? ` ${commandLine("undo")} puts it back.` : "";
  const isAll = plan.kept.length + plan.lost.length + unknownSteps(kept, plan).length === 0;
  return [
    `${plan.to > plan.from ? "Put back" : "Undone"}: ${steps(plan)} of the run ${run} ` +
      `(${what.filter((one) => one !== "").join(", ") || "there was nothing to do"}).`,
    ...notes(kept, plan),
    ...(forgotten > 0 ? [`${counted(forgotten, "record")} of memory forgotten.`] : []),
    `${isAll ? "The workspace" : "All else in the workspace"} is as it was ${plan.to === 0 ? "before the first step" : `after step ${plan.to}`}.${back}`,
  ].join("\n");
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

const asJson = (keptRun: KeptRun, plan: UndoPlan, done: readonly Change[], dryRun: boolean): string =>
  JSON.stringify({
    ...{ run: keptRun.run, from: plan.from, to: plan.to, dryRun },
    changes: done.map((change) => ({ path: change.path, action: word(change).replace(" ", "-") })),
    ...{ kept: plan.kept, lost: plan.lost, failed: plan.failed, unknownSteps: unknownSteps(keptRun, plan) },
  });
