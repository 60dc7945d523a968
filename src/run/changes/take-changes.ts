import { join } from "node:path";
import { fixGoals } from "../../compose/goals.js";
import { workspaceOf } from "../../compose/code.js";
import { messageOf } from "../../errors.js";
import type { Check } from "../../goals/check.js";
import { brokenBases, brokenProtects } from "../../goals/fixed.js";
import { goalOf } from "../../history/goals.js";
import type { InstructionFile } from "../../history/events/guidance.js";
import type { RecordedRun } from "../../history/read-run.js";
import { runDirectory } from "../../history/runs.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { RunChanges } from "../../history/events.js";
import { resumedWorkspace } from "../plan.js";
import { differencesSince, instructionDifferences } from "./differences.js";
import { differentSettings, keptSettings } from "./kept-settings.js";

/** Who answers for the person where a run goes on. */
export type ChangesHost = {
  /** The folder that the run is started in. */
  cwd: string;
  /** Says something that is no event to the person. */
  warn(text: string): void;
  /** Whether a run takes over what is different since it began; `where`: files, and what else was changed. Without this it takes over nothing. */
  acceptChanges?(differences: readonly string[], where: readonly string[]): Promise<boolean>;
};

/** What is there now: the checks that goals may have, and the instructions. */
type Now = { checks: readonly Check[]; instructions: readonly InstructionFile[] };

/** What a run goes on with: its settings, what is different from here on, and whether its goals are judged by something else. */
export type Taken = { loaded: LoadedSettings; changes: RunChanges; isJudgedAnew: boolean };

/**
 * Shows what a run goes by and is not what it was, and takes it over with a word of the user's: goals, checks, rules and settings, and
 * files that judge. Without that word the run keeps to what it had.
 */
export async function takeChanges(
  host: ChangesHost,
  loaded: LoadedSettings,
  recorded: RecordedRun,
  { checks, instructions }: Now,
): Promise<Taken> {
  if (host.acceptChanges === undefined) return { loaded, changes: {}, isJudgedAnew: false };
  const { start } = recorded;
  const ofFile = await differencesOfFile(host, recorded, checks);
  const ofSettings = differentSettings(start.settings, loaded);
  const ofFiles = await changedJudges(host, loaded, recorded, checks);
  const ofInstructions = instructionDifferences(start.instructions ?? [], instructions);
  const lines = [...ofFile.lines, ...ofInstructions.lines, ...ofSettings.lines, ...ofFiles];
  const where = [
    ...(ofFile.lines.length > 0 && start.settingsFile !== undefined ? [start.settingsFile] : []),
    ...ofInstructions.files,
    ...(ofSettings.lines.length > 0 ? ["a setting"] : []),
    ...(ofFiles.length > 0 ? ["what its goals are judged by"] : []),
  ];
  const isAccepted = lines.length > 0 && (await host.acceptChanges(lines, where));
  const isJudgedAnew =
    isAccepted && (ofFile.changes.goals !== undefined || ofFile.changes.mustNot !== undefined || ofFiles.length > 0);
  const own = isAccepted ? loaded : { ...loaded, settings: ofSettings.asBefore };
  return {
    loaded: own,
    isJudgedAnew,
    changes: {
      ...(isAccepted && { ...ofFile.changes, ...ofInstructions.changes }),
      ...(ofSettings.isDifferent && { settings: keptSettings(own.settings) }),
      ...(isJudgedAnew && { fixedAnew: true }),
    },
  };
}

const nothing = { lines: [] as string[], changes: {} as RunChanges };

/** What is different in the settings file that the run began with. */
async function differencesOfFile(
  host: Pick<ChangesHost, "warn">,
  recorded: RecordedRun,
  checks: readonly Check[],
): Promise<typeof nothing> {
  const { settingsFile, aiName } = recorded.start;
  if (settingsFile === undefined) return nothing;
  const { openAiSettings } = await import("../../settings/ai/ai-settings.js");
  const ai = await openAiSettings(settingsFile)
    .then((file) => file?.read(checks))
    .catch((thrown: unknown) => void host.warn(`WARNING: ${messageOf(thrown)} The run goes on with its own settings.`));
  return !ai || ai.aiName !== aiName ? nothing : differencesSince(recorded, ai);
}

/** Which files that judge are not what they were when they were fixed, a sentence each. What cannot be looked at is said when the run goes on. */
async function changedJudges(
  { cwd }: Pick<ChangesHost, "cwd">,
  loaded: LoadedSettings,
  recorded: RecordedRun,
  checks: readonly Check[],
): Promise<string[]> {
  const { start, checkedAtStart } = recorded;
  if (checkedAtStart === null) return [];
  const { settings } = loaded;
  const places = {
    workspaceDirectory: resumedWorkspace(loaded, recorded),
    temporary: join(runDirectory(settings.home, recorded.run), "tmp"),
  };
  try {
    const { goals, bases, own } = await fixGoals({
      ...{ ...places, settings, cwd, checks, recorded, mustNot: start.mustNot },
      goals: start.goals.map(goalOf),
      protect: start.protect ?? [],
    });
    const workspace = await workspaceOf(places.workspaceDirectory, own, places.temporary);
    const broken = await brokenBases(goals, bases, checkedAtStart, workspace);
    const lines = [...broken].map(([{ name }, problem]) => `The check "${name}": ${problem}`);
    for (const goal of goals.filter((one) => one.checks.length === 0)) {
      const problem = await brokenProtects(goal, checkedAtStart, workspace);
      if (problem !== null) lines.push(`The goal "${goal.goal}": ${problem}`);
    }
    return lines;
  } catch {
    return [];
  }
}
