import type { GoalSetting } from "./goal-setting.js";
import type { Settings } from "./schema.js";
import { readTextFile, replaceTextFile } from "./text-file.js";

export type { CheckSetting, GoalSetting, RunCheckSetting } from "./goal-setting.js";

/** An AI's name, role and goals. `apiBudget`: US dollars for the whole run; undefined is no limit. */
export type AiSettings = { aiName: string; aiRole: string; goals: GoalSetting[]; apiBudget: number | undefined };

/** The AI of those who give no goals of their own. */
export const defaultAi: AiSettings = {
  aiName: "Entrepreneur-GPT",
  aiRole: "an AI designed to autonomously develop and run businesses with the sole goal of increasing your net worth.",
  goals: ["Increase net worth", "Grow Twitter Account", "Develop and manage multiple businesses autonomously"].map(
    (goal) => ({ goal, checks: [] }),
  ),
  apiBudget: undefined,
};

/** Reads ai_settings.yaml; null where there is no such file. Throws SettingsError naming file, line and what was expected. */
export async function readAiSettings(file: string): Promise<AiSettings | null> {
  const text = await readTextFile(file);
  if (text === null) return null;
  const { parseAiSettings } = await import("./parse-ai-settings.js");
  return parseAiSettings(text, file);
}

/** Writes ai_settings.yaml at once or not at all; comments and other keys of a file that is there stay. Throws SettingsError. */
export async function writeAiSettings(file: string, ai: Omit<AiSettings, "apiBudget">): Promise<void> {
  const before = (await readTextFile(file)) ?? "";
  const { renderAiSettings } = await import("./render-ai-settings.js");
  await replaceTextFile(file, renderAiSettings(before, file, ai));
}

/** The AI that flags and file ask for, flags first; null where neither has a goal, so that somebody has to be asked. */
export function chooseAi(
  flags: Pick<Settings, "aiName" | "aiRole" | "aiGoals">,
  file: AiSettings | null,
): AiSettings | null {
  const goals = flags.aiGoals?.map((goal) => ({ goal, checks: [] })) ?? file?.goals;
  if (goals === undefined) return null;
  return {
    aiName: flags.aiName ?? file?.aiName ?? defaultAi.aiName,
    aiRole: flags.aiRole ?? file?.aiRole ?? "an AI that works towards the goals below.",
    goals,
    apiBudget: file?.apiBudget,
  };
}
