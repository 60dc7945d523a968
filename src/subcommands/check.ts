import { join } from "node:path";
import { workspaceOf } from "../create-agent.js";
import { escapeControls } from "../console/escape.js";
import { SettingsError } from "../errors.js";
import { refuseRunChecks } from "../goals/checks.js";
import { judgeGoals, type GoalVerdict } from "../goals/verdict.js";
import { readAiSettings } from "../settings/ai-settings.js";
import type { Settings } from "../settings/schema.js";

export type Checked = { text: string; passed: boolean };

/** `autogpt check`: carries out the goals' checks alone. Goals without checks are listed and count for nothing. */
export async function checkGoals(settings: Settings, cwd: string, json: boolean): Promise<Checked> {
  const ai = await readAiSettings(settings.aiSettingsFile);
  if (ai === null)
    throw new SettingsError(`${settings.aiSettingsFile} does not exist, so there are no goals to check.`);
  const { goals } = ai;
  refuseRunChecks(goals);
  const workspace = await workspaceOf(settings, settings.workspaceDirectory, cwd, join(settings.home, "tmp"));
  const verdicts = await judgeGoals(workspace, goals, { completed: false });
  const passed = verdicts.every(({ verdict }) => verdict !== "failed");
  return { passed, text: json ? JSON.stringify({ passed, goals: verdicts }) : verdicts.map(line).join("\n") };
}

const line = ({ goal, verdict, evidence }: GoalVerdict): string =>
  `${verdict === "open" ? "no checks" : verdict}: ${safe(JSON.stringify(goal))}${evidence === null ? "" : `\n  ${safe(evidence)}`}`;

const safe = (text: string): string => escapeControls(text, { newlines: "keep" });
