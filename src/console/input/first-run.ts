import { counted } from "../../base/text.js";
import { SettingsError } from "../../errors.js";
import { defaultAi } from "../../settings/ai/ai-settings.js";
import { type AiSettings } from "../../settings/ai/ai.js";

/** `ask` resolves to one line, or null at the end of input, as `UserInput.ask` does; `say` shows a line. */
export type Dialogue = {
  ask(question: string, options?: { fresh?: boolean; hidden?: boolean }): Promise<string | null>;
  say(line: string): void;
};

const mostGoals = 5;
/** More rules than these are not shown at the welcome. */
const mostRules = 5;

/**
 * Asks for name, role and up to five goals, and reads nothing else. Blank answers take the defaults; an empty line ends the goals.
 * Throws SettingsError where the input ends before there is a goal or that empty line.
 */
export async function askForAi({ ask, say }: Dialogue): Promise<AiSettings> {
  say("Welcome to Auto-GPT! Let us set up your AI. An empty answer takes the default.");
  say(`What is your AI called? For example: ${defaultAi.aiName}`);
  const aiName = entered(await ask("AI Name: ")) || defaultAi.aiName;
  say(`${aiName} is at your service. What is its role? For example: ${defaultAi.aiRole}`);
  const aiRole = entered(await ask(`${aiName} is: `)) || defaultAi.aiRole;
  say(
    `What are its goals? Up to ${mostGoals}, one a line; an empty line ends the list, and takes the defaults if it is the first.`,
  );
  const goals = await askForGoals(ask);
  return { aiName, aiRole, goals: goals.length > 0 ? goals : defaultAi.goals, apiBudget: undefined };
}

async function askForGoals(ask: Dialogue["ask"]): Promise<AiSettings["goals"]> {
  const goals: AiSettings["goals"] = [];
  while (goals.length < mostGoals) {
    const line = await ask(`Goal ${goals.length + 1}: `);
    const goal = goals.length === 0 ? entered(line) : (line ?? "").trim();
    if (goal === "") break;
    goals.push({ goal, checks: [] });
  }
  return goals;
}

function entered(line: string | null): string {
  if (line !== null) return line.trim();
  throw new SettingsError(
    "The input ended before the AI had a name, a role and a goal, so nothing was saved. " +
      "Answer the questions, write ai_settings.yaml, or give --ai-name, --ai-role and --ai-goal.",
  );
}

/**
 * What a start with an AI brings along besides its name, role and goals. `budget`: US dollars; undefined: no limit. `isNew`: it has
 * not run yet.
 */
export type WelcomeFacts = {
  model: string;
  memory: string;
  budget: number | undefined;
  isExample: boolean;
  isNew: boolean;
};

/** Shows the AI that is there; false if the user wants a new one, which takes a plain `n`. The end of input goes on. */
export async function welcome({ ask, say }: Dialogue, ai: AiSettings, facts?: WelcomeFacts): Promise<boolean> {
  const { aiName, aiRole, goals, approve = [] } = ai;
  if (facts?.isExample) say(`Welcome to Auto-GPT! There is no AI of yours yet, but an example to try: ${aiName}.`);
  else if (facts?.isNew) say(`Welcome to Auto-GPT! Shall I begin as ${aiName}?`);
  else say(`Welcome back! Shall I go on as ${aiName}?`);
  say(`Name: ${aiName}`);
  say(`Role: ${aiRole}`);
  say(
    `Goals: ${goals.map(({ goal, checks }) => `${goal}${checks.length > 0 ? ` (${counted(checks.length, "check")})` : ""}`).join("; ")}`,
  );
  if (facts) {
    const { model, memory, budget } = facts;
    const rules = approve.map(
      ({ command, pattern, decision }) => `${command}${pattern === null ? "" : ` ${pattern}`} ${decision}`,
    );
    say(`Budget: ${budget === undefined ? "no limit" : `$${budget}`}; model: ${model}; memory: ${memory}`);
    if (rules.length > 0) say(`Rules: ${rules.slice(0, mostRules).join(", ")}${rules.length > mostRules ? ", …" : ""}`);
  }
  const question = facts?.isExample
    ? "Try it? (y: try it, n: make an AI of your own): "
    : facts?.isNew
      ? "Begin? (y: begin, n: make another AI): "
      : "Continue (y/n): ";
  return (await ask(question))?.trim().toLowerCase() !== "n";
}
