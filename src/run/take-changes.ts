import type { Check } from "../goals/check.js";
import { messageOf } from "../errors.js";
import type { InstructionFile } from "../history/events/guidance.js";
import type { RecordedRun } from "../history/read-run.js";
import type { Differences } from "./changes.js";
import type { RunChanges } from "./plan.js";

/** Who says whether a run takes over what was changed since it began; without `acceptChanges`, it takes over nothing. */
export type ChangesHost = {
  warn(text: string): void;
  /** `files`: those in which the differences are. */
  acceptChanges?(differences: readonly string[], files: readonly string[]): Promise<boolean>;
};

/** What is there now: the checks that goals may have, and the instructions. */
type Now = { checks: readonly Check[]; instructions: readonly InstructionFile[] };

/** What a run takes over from files that were changed since it began: the settings file, and instructions; without a word, nothing. */
export async function changesTaken(
  host: ChangesHost,
  recorded: RecordedRun,
  { checks, instructions }: Now,
): Promise<RunChanges> {
  if (host.acceptChanges === undefined) return {};
  const { instructions: before = [], settingsFile } = recorded.start;
  const ofSettings = await settingsDifferences(host, recorded, checks);
  const isSame = before.length + instructions.length === 0;
  const { instructionDifferences } = await import("./changes.js");
  const ofInstructions = isSame ? null : instructionDifferences(before, instructions);
  const lines = [...(ofSettings?.lines ?? []), ...(ofInstructions?.lines ?? [])];
  if (lines.length === 0) return {};
  const files = [
    ...(settingsFile !== undefined && ofSettings?.lines.length ? [settingsFile] : []),
    ...(ofInstructions?.files ?? []),
  ];
  return (await host.acceptChanges(lines, files)) ? { ...ofSettings?.changes, ...ofInstructions?.changes } : {};
}

async function settingsDifferences(
  { warn }: ChangesHost,
  recorded: RecordedRun,
  checks: readonly Check[],
): Promise<Differences | null> {
  const { settingsFile, aiName } = recorded.start;
  if (settingsFile === undefined) return null;
  const { openAiSettings } = await import("../settings/ai/ai-settings.js");
  const { differencesSince } = await import("./changes.js");
  const ai = await openAiSettings(settingsFile)
    .then((file) => file?.read(checks))
    .catch((thrown: unknown) => void warn(`WARNING: ${messageOf(thrown)} The run goes on with its own settings.`));
  return !ai || ai.aiName !== aiName ? null : differencesSince(recorded, ai);
}
