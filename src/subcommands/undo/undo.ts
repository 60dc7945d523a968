import { commandLine } from "../../base/process/command-line.js";
import { counted } from "../../base/text.js";
import { escapeControls } from "../../base/escape.js";
import { messageForPerson, SettingsError } from "../../errors.js";
import { isMemoryBackend } from "../../memory/backends.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Change } from "../../snapshots/entry.js";
import { carryOutUndo, planUndo, type UndoPlan } from "../../snapshots/undo.js";
import { withOwnMemory, type SubcommandUse } from "../memory/own-memory.js";
import { withKeptRun, type KeptRun } from "../../compose/kept-run.js";

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
 * what the run remembered after that step. Resolves to what is printed. Throws SettingsError where there is nothing to undo.
 */
export async function undo(use: SubcommandUse, { run, to, dryRun, json }: UndoOptions): Promise<string> {
  return withKeptRun(use.loaded, use.cwd, run, async (kept) => {
    const { history, recorded, objects, workspace } = kept;
    const last = lastStepOf(kept);
    const from = history.position ?? last;
    const wanted = to ?? (from === 0 ? (history.before ?? last) : 0);
    if (wanted > last)
      throw new SettingsError(
        `The run ${kept.run} has ${counted(last, "step")}, so there is no state after step ${wanted}.`,
      );
    const plan = await planUndo(
      history,
      { last, to: wanted },
      workspace.keeper,
      async (hash) => hash !== null && (await objects.get(hash).catch(() => null)) !== null,
    );
    const forgets = recorded.steps.filter(({ step }) => step > wanted && recorded.remembered.has(step)).length;
    if (dryRun) return json ? asJson(kept, plan, plan.changes, true) : sayPlan(kept, plan, forgets);
    const done = await carryOutUndo(plan, workspace.keeper, (hash) => objects.get(hash));
    await kept.append({ type: "undo", from, to: wanted, changes: done, kept: plan.kept });
    const forgotten = wanted < from ? await forget(use, kept, wanted) : 0;
    return json ? asJson(kept, plan, done, false) : sayDone(kept, plan, done, forgotten);
  });
}

/** The last step that began, finished or not. */
const lastStepOf = ({ recorded, history }: KeptRun): number =>
  Math.max(recorded.steps.length, ...history.changes.map(({ step }) => step));

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

function sayPlan({ run }: KeptRun, plan: UndoPlan, forgets: number): string {
  const lines = plan.changes.map((change) => `  ${word(change).padEnd(10)}  ${list([change.path])}`);
  return [
    `This would ${plan.to > plan.from ? "put back" : "undo"} ${steps(plan)} of the run ${run}. Nothing is changed yet:`,
    ...(lines.length === 0 ? ["  there is nothing to do"] : lines),
    ...notes(plan),
    ...(forgets > 0 && plan.to < plan.from
      ? [`What was remembered in ${counted(forgets, "step")} will be forgotten.`]
      : []),
  ].join("\n");
}

function sayDone({ run }: KeptRun, plan: UndoPlan, done: readonly Change[], forgotten: number): string {
  const removed = done.filter(({ after }) => after === null).length;
  const put = done.length - removed;
  const what = [
    put > 0 ? `${counted(put, "path")} put back` : "",
    removed > 0 ? `${counted(removed, "path")} removed` : "",
  ];
  const back = plan.to < plan.from ? ` ${commandLine("undo")} puts it back.` : "";
  return [
    `${plan.to > plan.from ? "Put back" : "Undone"}: ${steps(plan)} of the run ${run} ` +
      `(${what.filter((one) => one !== "").join(", ") || "there was nothing to do"}).`,
    ...notes(plan),
    ...(forgotten > 0 ? [`${counted(forgotten, "record")} of memory forgotten.`] : []),
    `The workspace is as it was ${plan.to === 0 ? "before the first step" : `after step ${plan.to}`}.${back}`,
  ].join("\n");
}

const steps = ({ from, to }: UndoPlan): string => {
  if (from === to) return "no step";
  const [first, last] = to < from ? [to + 1, from] : [from + 1, to];
  return first >= last ? `step ${last}` : `steps ${first} to ${last}`;
};

const notes = ({ kept, lost }: UndoPlan): string[] => [
  ...(kept.length > 0 ? [`Left as they are, because somebody else has changed them: ${list(kept)}`] : []),
  ...(lost.length > 0
    ? [
        `Cannot be put back, because their content was not kept (above 64 MB, or with a key in it) or is damaged: ${list(lost)}`,
      ]
    : []),
];

const asJson = (
  { run }: KeptRun,
  { from, to, kept, lost }: UndoPlan,
  done: readonly Change[],
  dryRun: boolean,
): string =>
  JSON.stringify({
    ...{ run, from, to, dryRun },
    changes: done.map((change) => ({ path: change.path, action: word(change).replace(" ", "-") })),
    ...{ kept, lost },
  });
