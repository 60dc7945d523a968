import { existsSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../base/process/command-line.js";
import type { Dialogue } from "../../console/input/first-run.js";
import { SettingsError } from "../../errors.js";
import type { Check } from "../../goals/check.js";
import type { ApprovalRule } from "../../history/approval-rule.js";
import { memoryFolder } from "../../memory/memory-folder.js";
import type { ProtectionRule } from "../../protection/rule.js";
import type { AiSettingsFile } from "../../settings/ai/ai-settings.js";
import type { AiSettings } from "../../settings/ai/ai.js";
import type { Settings } from "../../settings/schema.js";

/** For goals on the command line without a role: the default AI's role would send it into business. */
export const neutralRole = "an AI that works towards its goals by itself";
export const neutralName = "AutoGPT";

export type ChosenAi = {
  ai: Pick<AiSettings, "aiName" | "aiRole" | "goals" | "mustNot">;
  apiBudget: number | undefined;
  approve: readonly ApprovalRule[];
  protect: readonly ProtectionRule[];
  /** Sentences on lines of the settings file that may be meant otherwise than they are read. */
  notes?: readonly string[];
  /** The file that says who the AI is; undefined where flags, a dialogue or a program say it, or a part of it. */
  file?: string;
};

/** Whether the person is asked who the AI is, and the like. */
export const mayAsk = ({ skipReprompt, outputFormat }: Settings): boolean => !skipReprompt && outputFormat === "text";

/**
 * Who the AI is: from flags, from the settings file (asked about once more unless -y), or from the first-run dialogue,
 * which saves what it was told, and goes on with a warning where that cannot be saved. Its goals may have these checks.
 * Throws SettingsError where nobody can be asked and there is nothing to go by.
 */
export async function chooseAi(
  settings: Settings,
  opened: AiSettingsFile | null,
  checks: readonly Check[],
  dialogue: Dialogue,
): Promise<ChosenAi> {
  const file = settings.aiSettingsFile;
  const saved = opened?.read(checks);
  const { aiName, aiRole, aiGoals } = settings;
  const { approve = [], protect = [], notes = [], apiBudget } = saved ?? {};
  const rest = { apiBudget, approve, protect, notes };
  if (aiName !== undefined || aiRole !== undefined || aiGoals !== undefined)
    return { ai: aiOfFlags(settings, saved), ...rest };
  const asks = mayAsk(settings);
  // Whoever answers questions should not learn behind them that the run cannot begin.
  if (asks && (settings.maxCost ?? apiBudget) !== undefined) await requirePrices(settings);
  if (saved && (!asks || (await isWanted(dialogue, saved, settings)))) return { ai: saved, ...rest, file };
  if (!asks) {
    throw new SettingsError(
      `${file} does not exist. Write it (name, role and goals), or give --ai-name, --ai-role and --ai-goal, ` +
        `or start ${commandLine()} on a terminal without -y and answer its questions.`,
    );
  }
  return { ...rest, ...(await enteredAi(settings, saved, checks, dialogue)) };
}

/** Throws SettingsError where a model that the run asks has no known price, by which a cost limit could be kept. */
async function requirePrices(settings: Settings): Promise<void> {
  const [{ openServer }, { requirePrice }] = await Promise.all([
    import("../../compose/server.js"),
    import("../../model/catalog/price.js"),
  ]);
  const server = await openServer(settings);
  const roles = settings.gpt3only
    ? ["fast" as const]
    : settings.gpt4only
      ? ["smart" as const]
      : ["smart" as const, "fast" as const];
  for (const { entry, setting } of roles.map((role) => server.model(role))) requirePrice(entry, setting);
}

function aiOfFlags({ aiName, aiRole, aiGoals, aiSettingsFile }: Settings, saved: AiSettings | undefined) {
  const goals = aiGoals?.map((goal) => ({ goal, checks: [] })) ?? saved?.goals;
  if (goals === undefined) throw new SettingsError(`There is no goal: give --ai-goal, or write ${aiSettingsFile}.`);
  return {
    // Goals of their own are not those of the AI in the file: neither its name, and so its memory, nor its role is taken.
    aiName: aiName ?? (aiGoals ? neutralName : (saved?.aiName ?? neutralName)),
    aiRole: aiRole ?? (aiGoals ? neutralRole : (saved?.aiRole ?? neutralRole)),
    goals,
    ...(saved?.mustNot && { mustNot: saved.mustNot }),
  };
}

/** Whether the person takes this AI, which is shown with what a start with it brings along. */
async function isWanted(dialogue: Dialogue, ai: AiSettings, settings: Settings): Promise<boolean> {
  const [{ welcome }, { isExample }, { hasRun }] = await Promise.all([
    import("../../console/input/first-run.js"),
    import("../../settings/ai/example.js"),
    import("../../history/listing/first-event.js"),
  ]);
  const { smartModel, memoryBackend, home, memoryIndex, maxCost } = settings;
  const isKept = memoryBackend === "local" && existsSync(memoryFolder(join(home, "memory"), memoryIndex, ai.aiName));
  return welcome(dialogue, ai, {
    model: smartModel,
    memory: `${memoryBackend}${isKept ? ", kept from before" : ""}`,
    budget: maxCost ?? ai.apiBudget,
    isExample: isExample(ai),
    isNew: !(await hasRun(home, ai.aiName)),
  });
}

/** The AI that the user enters, saved; what it replaces is kept. Nothing that cannot be saved keeps the run from beginning. */
async function enteredAi(
  { aiSettingsFile, home }: Settings,
  saved: AiSettings | undefined,
  checks: readonly Check[],
  dialogue: Dialogue,
): Promise<Pick<ChosenAi, "ai" | "file">> {
  const [{ askForAi }, { fileForOwnAi }, { writeAiSettings }, { keepCopy }] = await Promise.all([
    import("../../console/input/first-run.js"),
    import("../../settings/ai/example.js"),
    import("../../settings/ai/ai-settings.js"),
    import("../../settings/environment/keep-copy.js"),
  ]);
  const ai = { ...(await askForAi(dialogue)), ...(saved?.mustNot && { mustNot: saved.mustNot }) };
  const file = fileForOwnAi(aiSettingsFile, saved);
  try {
    const copy = await keepCopy(file, home);
    await writeAiSettings(file, ai, checks);
    dialogue.say(`Saved to ${file}.${copy === null ? "" : ` What stood there is kept in ${copy}.`}`);
  } catch (thrown) {
    if (!(thrown instanceof SettingsError)) throw thrown;
    dialogue.say(`WARNING: ${thrown.message} This run goes on with what you entered, but it is not saved.`);
  }
  return { ai, file };
}
