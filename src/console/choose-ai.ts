import { SettingsError } from "../errors.js";
import type { AiSettings } from "../settings/ai-settings.js";
import type { ApprovalSetting } from "../settings/approval-setting.js";
import type { Settings } from "../settings/schema.js";
import type { Dialogue } from "./first-run.js";

/** For goals on the command line without a role: the default AI's role would send it into business. */
const neutralRole = "an AI that works towards its goals by itself";

export type ChosenAi = {
  ai: Pick<AiSettings, "aiName" | "aiRole" | "goals">;
  apiBudget: number | undefined;
  approve: readonly ApprovalSetting[];
};

/**
 * Who the AI is: from flags, from the settings file (asked about once more unless -y), or from the first-run dialogue,
 * which saves what it was told. Throws SettingsError where nobody can be asked and there is nothing to go by.
 */
export async function chooseAi(settings: Settings, dialogue: Dialogue): Promise<ChosenAi> {
  const { readAiSettings, writeAiSettings, defaultAi } = await import("../settings/ai-settings.js");
  const file = settings.aiSettingsFile;
  const saved = await readAiSettings(file);
  const { aiName, aiRole, aiGoals } = settings;
  const approve = saved?.approve ?? [];
  if (aiName !== undefined || aiRole !== undefined || aiGoals !== undefined) {
    const goals = aiGoals?.map((goal) => ({ goal, checks: [] })) ?? saved?.goals;
    if (goals === undefined) throw new SettingsError(`There is no goal: give --ai-goal, or write ${file}.`);
    const ai = {
      aiName: aiName ?? saved?.aiName ?? defaultAi.aiName,
      aiRole: aiRole ?? saved?.aiRole ?? neutralRole,
      goals,
    };
    return { ai, apiBudget: saved?.apiBudget, approve };
  }
  const mayAsk = !settings.skipReprompt && settings.outputFormat === "text";
  const { askForAi, welcomeBack } = await import("./first-run.js");
  if (saved && (!mayAsk || (await welcomeBack(dialogue, saved))))
    return { ai: saved, apiBudget: saved.apiBudget, approve };
  if (!mayAsk) {
    throw new SettingsError(
      `${file} does not exist. Write it (name, role and goals), or give --ai-name, --ai-role and --ai-goal, ` +
        "or start autogpt on a terminal without -y and answer its questions.",
    );
  }
  const ai = await askForAi(dialogue);
  await writeAiSettings(file, ai);
  dialogue.say(`Saved to ${file}.`);
  return { ai, apiBudget: saved?.apiBudget, approve };
}
