import { isDeepStrictEqual } from "node:util";
import { recordedHookOf, type Hook } from "../hooks/hook.js";
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

/** What is there now: the checks that goals may have, the instructions, and the hooks. */
type Now = { checks: readonly Check[]; instructions: readonly InstructionFile[]; hooks: readonly Hook[] };

/**
 * What a run takes over from files that were changed since it began: of the settings file and instructions nothing without a word.
 * Hooks are those of now in any case, as they are programs that the user trusts as they are now; that they differ is said.
 */
export async function changesTaken(host: ChangesHost, recorded: RecordedRun, now: Now): Promise<RunChanges> {
  const hooks = now.hooks.map(recordedHookOf);
  const taken = await wordsTaken(host, recorded, now);
  if (isDeepStrictEqual(hooks, recorded.start.hooks ?? [])) return taken;
  host.warn("The hooks are not those that this run began with. Those that the settings file names now are run.");
  return { ...taken, hooks };
}

async function wordsTaken(
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
