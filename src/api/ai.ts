import type { ChosenAi } from "../run/ai/choose-ai.js";
import type { Decision } from "../history/approval-rule.js";
import type { Access } from "../protection/rule.js";
import type { WrittenCheck } from "../history/goals.js";
import type { Check } from "../goals/check.js";

/** Who the AI is, and what it is to reach: what ai_settings.yaml says, in other words. */
export type Ai = {
  name: string;
  role: string;
  /** Plain texts, or with checks that the program carries out itself. */
  goals: readonly (string | { goal: string; checks?: readonly WrittenCheck[]; protects?: readonly string[] })[];
  /** What must not happen: `{ file_unchanged: "LICENSE" }`, `{ run: "make test" }` and others. */
  mustNot?: readonly WrittenCheck[];
  /** Rules for single commands: `{ write_to_file: "always", delete_file: { "*.md": "never" } }`. */
  approve?: Readonly<Record<string, Decision | Readonly<Record<string, Decision>>>>;
  /** Patterns for files of the workspace that are to stay as they are, or, with `hidden`, out of reach. */
  protect?: readonly (string | Readonly<Record<string, Access>>)[];
};

/** Checks an AI by the rules of ai_settings.yaml. Throws SettingsError, which says what was expected. */
export async function aiFrom(
  { name, role, goals, mustNot, approve, protect }: Ai,
  checks: readonly Check[],
): Promise<ChosenAi> {
  const { parseAiSettings } = await import("../settings/ai/parse.js");
  const written = { ai_name: name, ai_role: role, ai_goals: goals, must_not: mustNot, approve, protect };
  // JSON is YAML.
  const ai = parseAiSettings(JSON.stringify(written), "The ai that was given to run()", checks);
  return { ai, apiBudget: undefined, approve: ai.approve ?? [], protect: ai.protect ?? [] };
}
