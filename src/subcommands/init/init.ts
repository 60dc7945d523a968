import { isYes } from "../../console/input/ask.js";
import { commandLine } from "../../base/process/command-line.js";
import { join } from "node:path";
import { askForAi, type Dialogue } from "../../console/input/first-run.js";
import { SettingsError } from "../../errors.js";
import type { OpenServer } from "../../compose/server.js";
import { allChecks } from "../../goals/index.js";
import type { Goal } from "../../history/goals.js";
import { defaultAi, readAiSettings, writeAiSettings } from "../../settings/ai/ai-settings.js";
import { fileForOwnAi, isExample } from "../../settings/ai/example.js";
import { type AiSettings } from "../../settings/ai/ai.js";
import type { LoadedSettings } from "../../settings/load.js";
import { requireKey } from "../../settings/require-key.js";
import type { Settings } from "../../settings/schema.js";
import { keepCopy } from "../../settings/environment/keep-copy.js";
import { askForServer, keyProblem, type Values } from "./connect.js";
import { offerChecks, titleOf } from "./propose-checks.js";
import { keepValues } from "./keep-values.js";
import { proposeAi } from "./propose-ai.js";

export type InitOptions = {
  cwd: string;
  load(): Promise<LoadedSettings>;
  open(settings: Settings, timeoutMs?: number): Promise<OpenServer>;
  given: {
    key?: string | undefined;
    baseUrl?: string | undefined;
    model?: string | undefined;
    describe?: string | undefined;
    /** Nothing is asked before a file is replaced. */
    yes?: boolean | undefined;
  };
  /** Whether a person sits at a terminal. */
  terminal: boolean;
  dialogue: Dialogue;
  signal: AbortSignal;
};

/**
 * `autogpt init`: writes `.env` and `ai_settings.yaml`. What flags say is not asked for; with --describe the model
 * proposes name, role and goals. Throws SettingsError where an answer is missing.
 */
export async function init(options: InitOptions): Promise<void> {
  const { cwd, dialogue, load } = options;
  const { settings: before } = await load();
  const values = await environmentValues(options, before);
  if (Object.keys(values).length > 0)
    await keepValues(join(cwd, ".env"), values, { dialogue, home: before.home, terminal: options.terminal });
  const { settings } = await load();
  const chosen = await chosenAi(options, settings);
  if (chosen === null) return dialogue.say(`${settings.aiSettingsFile} stays as it is. Start with: ${commandLine()}`);
  const { ai, proposed } = chosen;
  const target = fileForOwnAi(
    settings.aiSettingsFile,
    await readAiSettings(settings.aiSettingsFile, allChecks).catch(() => null),
  );
  const copy = await keepCopy(target, settings.home);
  // Whoever says all by flags is not waited for.
  const asks = options.given.yes !== true && (options.terminal || !isToldByFlags(options, settings));
  const goals = await offerChecks(ai.goals, proposed, dialogue, { asks });
  await writeAiSettings(target, { ...ai, goals }, allChecks);
  if (copy !== null) dialogue.say(`What stood in ${target} is kept in ${copy}.`);
  dialogue.say(`Wrote ${target}. Start with: ${commandLine()}`);
}

const isToldByFlags = ({ given }: InitOptions, { aiName, aiRole, aiGoals }: Settings): boolean =>
  [given.describe, aiName, aiRole, aiGoals].some((told) => told !== undefined);

/** What flags say of the server and its key; on a terminal, or through a pipe, it is asked for where they say nothing. */
async function environmentValues(options: InitOptions, settings: Settings): Promise<Values> {
  const { key, baseUrl, model } = options.given;
  const problem = key === undefined ? null : keyProblem(key);
  if (problem !== null) throw new SettingsError(`What --key gives can be no key: it ${problem}.`);
  const values: Values = {
    ...(baseUrl !== undefined && { OPENAI_API_BASE_URL: baseUrl }),
    ...(model !== undefined && { SMART_LLM_MODEL: model, FAST_LLM_MODEL: model }),
    ...(key !== undefined && { OPENAI_API_KEY: key }),
  };
  const needsKey = key === undefined && settings.openAiApiKey === undefined && baseUrl === undefined;
  return needsKey && isOpenAis(settings) ? { ...(await askForServer({ ...options, settings })), ...values } : values;
}

function isOpenAis(settings: Settings): boolean {
  try {
    requireKey({ ...settings, openAiApiKey: undefined });
    return false;
  } catch (thrown) {
    if (thrown instanceof SettingsError) return true;
    throw thrown;
  }
}

type Ai = Omit<AiSettings, "apiBudget">;

/** The AI, and its goals with checks that the model proposes and nobody has said yes to. */
type Chosen = { ai: Ai; proposed: readonly Goal[] };
const alone = (ai: Ai): Chosen => ({ ai, proposed: [] });

/** The AI of the flags, of the model's proposal, or of the questions; null: the file that is there stays. */
async function chosenAi(options: InitOptions, settings: Settings): Promise<Chosen | null> {
  const { given, dialogue, open, signal } = options;
  const { aiName, aiRole, aiGoals } = settings;
  if (aiName !== undefined || aiRole !== undefined || aiGoals !== undefined) {
    const before = await ownAi(settings);
    if (before && !(await mayReplace(options, settings))) return null;
    const goals = aiGoals?.map((goal) => ({ goal, checks: [] })) ?? before?.goals ?? defaultAi.goals;
    return alone({
      aiName: aiName ?? before?.aiName ?? defaultAi.aiName,
      aiRole: aiRole ?? before?.aiRole ?? defaultAi.aiRole,
      goals,
    });
  }
  if (given.describe !== undefined) return proposed(options, settings, given.describe);
  if ((await ownAi(settings)) !== null && !(await says(dialogue, "There is an AI already. Make a new one (y/n)? ")))
    return null;
  dialogue.say(
    "Say what you want, and the model proposes a name, a role and goals. Enter alone: answer questions instead.",
  );
  const wanted = (await dialogue.ask("I want Auto-GPT to: "))?.trim() ?? "";
  if (wanted === "") return alone(await askForAi(dialogue));
  const proposal = await proposeAi({ settings, server: await open(settings), wanted, signal });
  if (proposal === null) dialogue.say("The model proposed nothing that can be used, so here are the questions.");
  else if (show(dialogue, proposal) && (await says(dialogue, "Take it (y/n)? "))) return alone(proposal);
  return alone(await askForAi(dialogue));
}

/** The AI that is saved; an example is nobody's. */
async function ownAi({ aiSettingsFile }: Settings): Promise<AiSettings | null> {
  const saved = await readAiSettings(aiSettingsFile, allChecks);
  return saved === null || isExample(saved) ? null : saved;
}

/** Whether flags may replace what is there: on a terminal that is asked, unless --yes said so. */
const mayReplace = async ({ dialogue, given, terminal }: InitOptions, { aiSettingsFile }: Settings): Promise<boolean> =>
  given.yes === true ||
  !terminal ||
  says(dialogue, `${aiSettingsFile} has an AI already. Change it? A copy is kept. (y/n) `);

async function proposed({ open, dialogue, signal }: InitOptions, settings: Settings, wanted: string): Promise<Chosen> {
  const proposal = await proposeAi({ settings, server: await open(settings), wanted, signal });
  if (proposal === null) {
    throw new SettingsError(
      "The model proposed nothing that can be used. Give --ai-name, --ai-role and --ai-goal instead.",
    );
  }
  const goals = proposal.goals.map(({ goal }) => ({ goal, checks: [] }));
  const ai = { ...proposal, goals };
  show(dialogue, ai);
  return { ai, proposed: proposal.goals };
}

function show({ say }: Dialogue, { aiName, aiRole, goals }: Ai): true {
  say(`Name: ${aiName}`);
  say(`Role: ${aiRole}`);
  for (const { goal, checks } of goals) {
    say(`Goal: ${goal}`);
    for (const check of checks) say(`  Check: ${titleOf(check)}`);
  }
  return true;
}

const says = async ({ ask }: Dialogue, question: string): Promise<boolean> => isYes(await ask(question));
