import { SettingsError } from "../../errors.js";
import { defaultAi } from "../../settings/ai/ai-settings.js";
import { type AiSettings } from "../../settings/ai/ai.js";

/** `ask` resolves to one line, or null at the end of input, as `UserInput.ask` does; `say` shows a line. */
export type Dialogue = {
  ask(question: string, options?: { fresh?: boolean }): Promise<string | null>;
  say(line: string): void;
};

const mostGoals = 5;

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

/** Shows the AI of the last time; false if the user wants a new one, which takes a plain `n`. The end of input goes on. */
export async function welcomeBack({ ask, say }: Dialogue, { aiName, aiRole, goals }: AiSettings): Promise<boolean> {
  say(`Welcome back! Shall I go on as ${aiName}?`);
  say(`Name: ${aiName}`);
  say(`Role: ${aiRole}`);
  say(`Goals: ${goals.map(({ goal }) => goal).join("; ")}`);
  const answer = await ask("Continue (y/n): ");
  return answer?.trim().toLowerCase() !== "n";
}
