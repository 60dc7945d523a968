import type { Mask } from "../base/mask.js";
import { SettingsError } from "../errors.js";
import type { Goal, WrittenCheck } from "../history/goals.js";

export type Ai = {
  aiName: string;
  aiRole: string;
  goals: readonly Goal[];
  /** What must not happen, besides. */
  mustNot?: readonly WrittenCheck[];
};

/** What the AI is called and told stands in every journal and request; with a secret in it, neither could be kept true. Throws SettingsError. */
export function refuseSecrets({ aiName, aiRole, goals, mustNot = [] }: Ai, mask: Mask): void {
  for (const [what, value] of Object.entries({ name: aiName, role: aiRole, goals, must_not: mustNot })) {
    if (JSON.stringify(mask(value)) === JSON.stringify(value)) continue;
    throw new SettingsError(
      `The AI's ${what} contains the value of a key, token or password of the environment or .env. Take it out: ` +
        "it would be sent to the model and stand in the journal.",
    );
  }
}
