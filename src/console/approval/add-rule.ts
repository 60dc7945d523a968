import { isYes } from "../input/ask.js";
import type { ApprovalRule } from "../../history/approval-rule.js";

type Ask = (question: string) => Promise<string | null>;

/** Rules as they stand in ai_settings.yaml, a line each. */
export const ruleLines = (rules: readonly ApprovalRule[]): string[] =>
  rules.map(({ command, pattern, decision }) =>
    pattern === null ? `${command}: ${decision}` : `${command}: { ${JSON.stringify(pattern)}: ${decision} }`,
  );

/**
 * Shows the rules that would allow a call from now on, and asks once. Resolves to those that are wanted; another pattern
 * takes the place of theirs. Null where the person does not want any. `file` is null where there is none to keep them in.
 */
export async function askForRules(
  proposed: readonly ApprovalRule[],
  file: string | null,
  ask: Ask,
  say: (lines: readonly string[]) => void,
): Promise<readonly ApprovalRule[] | null> {
  say(["From now on without asking:", ...ruleLines(proposed).map((line) => `  ${line}`)]);
  const [first] = proposed;
  const hasPattern = first !== undefined && first.pattern !== null;
  const choices = hasPattern ? "y, n, or another pattern in its place (* is any text, [*] a star)" : "y or n";
  const wish =
    file === null ? "Allow this in this run? No file keeps it for later ones." : `Add this to approve: of ${file}?`;
  const answer = (await ask(`${wish} ${choices}: `))?.trim() ?? "n";
  if (isYes(answer)) return proposed;
  if (!hasPattern || answer === "" || /^(no?|q|quit|exit)$/i.test(answer)) return null;
  return [{ ...first, pattern: answer.replace(/^(["'])(.*)\1$/s, "$2") }];
}
