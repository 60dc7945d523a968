import type { AgentRequest } from "../compose/agent/request.js";
import type { Equipment } from "../extensions/equipment.js";
import type { ModelChoice } from "../history/event-parts.js";
import { messageOf, RunError, SettingsError } from "../errors.js";
import type { RunChanges, RunEnd } from "../history/events.js";
import { readRunNamed, type RecordedRun } from "../history/read-run.js";
import { isCompleted, resumePoint, type ResumePoint } from "../history/resume.js";
import { newRunName, runFolders, runsDirectory } from "../history/runs.js";
import { isMemoryBackend, memoryBackends, type MemoryBackend } from "../memory/backends.js";
import { withBudget, type LoadedSettings } from "../settings/load.js";
import type { Settings } from "../settings/schema.js";
import { goalOf } from "../history/goals.js";
import type { ChosenAi } from "./ai/choose-ai.js";
import type { Guidance } from "./trust/open-guidance.js";
import { newLimits, resumedLimits } from "./limits/run-limits.js";

export type ResumedRun = { recorded: RecordedRun; point: ResumePoint; completed: RunEnd | null };

/**
 * What the journal says of a run, and where it goes on; `completed` is its end if nothing is left to do. Throws
 * SettingsError where the journal cannot be read.
 */
export async function readRecordedRun(home: string, run: string): Promise<ResumedRun> {
  try {
    const { readRunToGoOn } = await import("../history/checkpoint/read-checkpoint.js");
    const recorded = await readRunNamed(runsDirectory(home), run, readRunToGoOn);
    return { recorded, point: resumePoint(recorded), completed: isCompleted(recorded) ? recorded.end : null };
  } catch (thrown) {
    if (thrown instanceof RunError) throw thrown;
    throw new SettingsError(`The run ${run} cannot be resumed: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** What a run is about to be: a new one, or an earlier one that goes on. */
export type Plan = Pick<
  AgentRequest,
  | "settings"
  | "ai"
  | "run"
  | "workspaceDirectory"
  | "memoryBackend"
  | "limits"
  | "continuous"
  | "onApproval"
  | "only"
  | "approve"
  | "protect"
  | "requireProof"
  | "fixAnew"
  | "instructions"
  | "skills"
  | "hooks"
> &
  Equipment & {
    resumed: ResumedRun | null;
    /** What a resumed run takes from a settings file that was changed. */
    changes: RunChanges;
    /** The file that says who the AI is; null where it is not one alone. */
    settingsFile: string | null;
  };

/** What the user brings along: how work is to be done, and programs that look at it. */
export type Brought = Guidance & Pick<Plan, "hooks">;

/** What a new run of this AI with these commands and checks is to be; it is called `name` where that is given. */
export async function planNew(
  loaded: LoadedSettings,
  { ai, apiBudget, approve, protect, file }: ChosenAi,
  equipment: Equipment,
  guidance: Brought,
  name?: string,
): Promise<Plan> {
  const { settings } = withBudget(loaded, apiBudget, loaded.settings.aiSettingsFile);
  const only = onlyOf(settings);
  return {
    ...equipment,
    ...guidance,
    settings,
    ai,
    run: name ?? newRunName(new Date(), runFolders(settings.home)),
    workspaceDirectory: settings.workspaceDirectory,
    memoryBackend: settings.memoryBackend,
    limits: await newLimits({ ...settings, settings, only }),
    continuous: settings.continuous,
    onApproval: settings.onApproval,
    approve,
    protect,
    only,
    resumed: null,
    changes: {},
    requireProof: settings.requireProof,
    settingsFile: file ?? null,
  };
}

/**
 * How an earlier run goes on: limits and mode come from its journal, flags replace them. Throws SettingsError where it
 * has a memory that this version does not know.
 */
export async function planResumed(
  loaded: LoadedSettings,
  resumed: ResumedRun,
  equipment: Equipment,
  { skills, hooks }: Pick<Brought, "skills" | "hooks">,
  changes: RunChanges = {},
): Promise<Plan> {
  const { settings, sources } = loaded;
  const { recorded } = resumed;
  const { start } = recorded;
  const mustNot = changes.mustNot ?? start.mustNot;
  const isSaid = sources.continuous.kind === "flag";
  const continuous = settings.continuous || (!isSaid && recorded.continuous);
  const memoryBackend = sources.memoryBackend.kind === "flag" ? settings.memoryBackend : recordedBackend(recorded);
  const only = onlyOf(settings) ?? start.only;
  return {
    ...equipment,
    settings,
    ai: {
      aiName: start.aiName,
      aiRole: changes.aiRole ?? start.aiRole,
      goals: (changes.goals ?? start.goals).map(goalOf),
      ...(mustNot && { mustNot }),
    },
    run: recorded.run,
    workspaceDirectory: resumedWorkspace(loaded, recorded),
    memoryBackend,
    limits: await resumedLimits({ settings, continuous, memoryBackend, only }, recorded),
    continuous,
    onApproval: sources.onApproval.kind === "flag" ? settings.onApproval : (recorded.onApproval ?? settings.onApproval),
    instructions: changes.instructions ?? start.instructions ?? [],
    skills,
    hooks,
    approve: changes.approve ?? recorded.approve,
    protect: changes.protect ?? start.protect ?? [],
    fixAnew: changes.fixedAnew,
    only,
    resumed,
    changes,
    settingsFile: start.settingsFile ?? null,
    requireProof: settings.requireProof || start.requireProof,
  };
}

/** The workspace of a run that goes on: its own, unless another one is named. */
export const resumedWorkspace = ({ settings, sources }: LoadedSettings, { start }: RecordedRun): string =>
  sources.workspaceDirectory.kind === "default" ? start.workspace : settings.workspaceDirectory;

function recordedBackend({ run, start: { memory } }: RecordedRun): MemoryBackend {
  if (isMemoryBackend(memory)) return memory;
  throw new SettingsError(
    `The journal of the run ${run} names the memory ${JSON.stringify(memory)}, and this version has none of that name, ` +
      `but ${memoryBackends.join(", ")}. Resume it with the version that began it, or name one of these with --use-memory.`,
  );
}

const onlyOf = ({ gpt3only, gpt4only }: Settings): ModelChoice => (gpt3only ? "fast" : gpt4only ? "smart" : null);
