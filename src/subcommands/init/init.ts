import { commandLine } from "../../base/process/command-line.js";
import { join } from "node:path";
import { askForAi, type Dialogue } from "../../console/input/first-run.js";
import { SettingsError } from "../../errors.js";
import type { OpenServer } from "../../compose/server.js";
import { allChecks } from "../../goals/index.js";
import { defaultAi, readAiSettings, writeAiSettings } from "../../settings/ai/ai-settings.js";
import { fileForOwnAi, isExample } from "../../settings/ai/example.js";
import { type AiSettings } from "../../settings/ai/ai.js";
import type { LoadedSettings } from "../../settings/load.js";
import { requireKey } from "../../settings/require-key.js";
import type { Settings } from "../../settings/schema.js";
import { isSet } from "../../settings/read-value.js";
import { keepCopy } from "../../settings/environment/keep-copy.js";
import { readEnvFile } from "../../settings/environment/env-file.js";
import { writeEnvironmentFile } from "../../settings/environment/write-env.js";
import { proposeAi } from "./propose-ai.js";

export type InitOptions = {
  cwd: string;
  load(): Promise<LoadedSettings>;
  open(settings: Settings): Promise<OpenServer>;
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
  const file = join(cwd, ".env");
  const values = await environmentValues(options, (await load()).settings);
  if (Object.keys(values).length > 0) {
    const copy = await keepReplaced(file, values, (await load()).settings.home);
    if (copy !== null) dialogue.say(`What stood in ${file} is kept in ${copy}.`);
    await writeEnvironmentFile(file, values);
    dialogue.say(`Wrote ${Object.keys(values).join(", ")} to ${file}.`);
  }
  const { settings } = await load();
  const ai = await chosenAi(options, settings);
  if (ai === null) return dialogue.say(`${settings.aiSettingsFile} stays as it is. Start with: ${commandLine()}`);
  const target = fileForOwnAi(
    settings.aiSettingsFile,
    await readAiSettings(settings.aiSettingsFile, allChecks).catch(() => null),
  );
  const copy = await keepCopy(target, settings.home);
  await writeAiSettings(target, ai, allChecks);
  if (copy !== null) dialogue.say(`What stood in ${target} is kept in ${copy}.`);
  dialogue.say(`Wrote ${target}. Start with: ${commandLine()}`);
}

/** Keeps a copy of `.env` where a value of it is about to be replaced by another one. */
async function keepReplaced(file: string, values: Readonly<Record<string, string>>, home: string) {
  const before = (await readEnvFile(file, file)).values;
  const isReplaced = Object.entries(values).some(([name, value]) => isSet(before[name]) && before[name] !== value);
  return isReplaced ? keepCopy(file, home) : null;
}

async function environmentValues(
  { given, dialogue }: InitOptions,
  settings: Settings,
): Promise<Record<string, string>> {
  const { key, baseUrl, model } = given;
  const values: Record<string, string> = {};
  if (baseUrl !== undefined) values["OPENAI_API_BASE_URL"] = baseUrl;
  if (model !== undefined) values["SMART_LLM_MODEL"] = values["FAST_LLM_MODEL"] = model;
  if (key !== undefined) values["OPENAI_API_KEY"] = key;
  const needsKey = key === undefined && settings.openAiApiKey === undefined && baseUrl === undefined;
  if (needsKey && isOpenAis(settings)) {
    const answer = await dialogue.ask(
      "Your OpenAI key (https://platform.openai.com/account/api-keys), or the address of another server: ",
    );
    const text = answer?.trim();
    if (/^https?:\/\//i.test(text ?? ""))
      return { ...(await otherServer(dialogue, settings, text as string)), ...values };
    if (isSet(text)) values["OPENAI_API_KEY"] = text;
  }
  return values;
}

/** What a server other than OpenAI's needs besides its address. */
async function otherServer({ ask }: Dialogue, { smartModel, fastModel }: Settings, address: string) {
  const key = (await ask("Its key (empty: it needs none): "))?.trim();
  const usual = smartModel === fastModel ? smartModel : `${smartModel} and ${fastModel}`;
  const model = (await ask(`The name of the model there (empty: ${usual}): `))?.trim();
  return {
    OPENAI_API_BASE_URL: address,
    ...(isSet(key) && { OPENAI_API_KEY: key }),
    ...(isSet(model) && { SMART_LLM_MODEL: model, FAST_LLM_MODEL: model }),
  };
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

/** The AI of the flags, of the model's proposal, or of the questions; null: the file that is there stays. */
async function chosenAi(options: InitOptions, settings: Settings): Promise<Ai | null> {
  const { given, dialogue, open, signal } = options;
  const { aiName, aiRole, aiGoals } = settings;
  if (aiName !== undefined || aiRole !== undefined || aiGoals !== undefined) {
    const before = await ownAi(settings);
    if (before && !(await mayReplace(options, settings))) return null;
    const goals = aiGoals?.map((goal) => ({ goal, checks: [] })) ?? before?.goals ?? defaultAi.goals;
    return {
      aiName: aiName ?? before?.aiName ?? defaultAi.aiName,
      aiRole: aiRole ?? before?.aiRole ?? defaultAi.aiRole,
      goals,
    };
  }
  if (given.describe !== undefined) return proposed(options, settings, given.describe);
  if ((await ownAi(settings)) !== null && !(await says(dialogue, "There is an AI already. Make a new one (y/n)? ")))
    return null;
  const wanted = (await dialogue.ask("I want Auto-GPT to (empty: answer questions instead): "))?.trim() ?? "";
  if (wanted === "") return askForAi(dialogue);
  const proposal = await proposeAi({ settings, server: await open(settings), wanted, signal });
  if (proposal === null) dialogue.say("The model proposed nothing that can be used, so here are the questions.");
  else if (show(dialogue, proposal) && (await says(dialogue, "Take it (y/n)? "))) return proposal;
  return askForAi(dialogue);
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

async function proposed({ open, dialogue, signal }: InitOptions, settings: Settings, wanted: string): Promise<Ai> {
  const proposal = await proposeAi({ settings, server: await open(settings), wanted, signal });
  if (proposal === null) {
    throw new SettingsError(
      "The model proposed nothing that can be used. Give --ai-name, --ai-role and --ai-goal instead.",
    );
  }
  show(dialogue, proposal);
  return proposal;
}

function show({ say }: Dialogue, { aiName, aiRole, goals }: Ai): true {
  say(`Name: ${aiName}`);
  say(`Role: ${aiRole}`);
  for (const { goal } of goals) say(`Goal: ${goal}`);
  return true;
}

const says = async ({ ask }: Dialogue, question: string): Promise<boolean> =>
  /^y(es)?$/i.test((await ask(question))?.trim() ?? "");
