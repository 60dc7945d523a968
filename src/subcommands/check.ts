import { join } from "node:path";
import { escapeText } from "../base/escape.js";
import { ownFiles, workspaceOf, createCode } from "../compose/code.js";
import { SettingsError } from "../errors.js";
import { equipNew } from "../extensions/equip.js";
import { nothingAdded } from "../extensions/equipment.js";
import type { RunShell } from "../goals/check.js";
import { judgeGoals } from "../goals/judge.js";
import { prepareGoals, refuseUnrunnable } from "../goals/prepare.js";
import type { GoalVerdict } from "../history/goals.js";
import { openAiSettings } from "../settings/ai/ai-settings.js";
import { trustFile } from "../settings/environment/trust-file.js";
import type { Settings } from "../settings/schema.js";

export type Checked = { text: string; passed: boolean };

export type CheckOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  json: boolean;
  signal: AbortSignal;
};

/**
 * `autogpt check`: carries out the goals' checks alone. Goals without checks are listed and count for nothing. Throws
 * the signal's reason when it is interrupted, SettingsError for extensions that nobody has trusted yet.
 */
export async function checkGoals(
  settings: Settings,
  { cwd, environment, json, signal }: CheckOptions,
): Promise<Checked> {
  const file = await openAiSettings(settings.aiSettingsFile);
  if (file === null)
    throw new SettingsError(`${settings.aiSettingsFile} does not exist, so there are no goals to check.`);
  const trust = { file: trustFile(environment), given: settings.trustExtensions, ask: null };
  const naming = { file: settings.aiSettingsFile, extensions: file.extensions };
  const { checks } = await equipNew({ added: nothingAdded, trust }, naming, settings.workspaceDirectory);
  const ai = file.read(checks);
  const goals = prepareGoals(ai.goals, checks);
  const own = ownFiles(settings, cwd, ai.protect);
  const workspace = await workspaceOf(settings.workspaceDirectory, own, join(settings.home, "tmp"));
  const code = createCode(settings, workspace.root, own);
  try {
    await refuseUnrunnable(goals, checks, code.problemWithChecks);
    const runShell = unlessAborted(code.runShell(signal), signal);
    const verdicts = await judgeGoals(goals, { completed: false, workspace, runShell });
    signal.throwIfAborted();
    const passed = verdicts.every(({ verdict }) => verdict !== "failed");
    return { passed, text: json ? JSON.stringify({ passed, goals: verdicts }) : verdicts.map(line).join("\n") };
  } finally {
    await code.close();
  }
}

/** After Ctrl-C, no further check is begun. */
const unlessAborted =
  (runShell: RunShell, signal: AbortSignal): RunShell =>
  async (command, seconds) => {
    signal.throwIfAborted();
    return runShell(command, seconds);
  };

const line = ({ goal, verdict, evidence }: GoalVerdict): string =>
  `${verdict === "open" ? "no checks" : verdict}: ${escapeText(JSON.stringify(goal))}${evidence === null ? "" : `\n  ${escapeText(evidence)}`}`;
