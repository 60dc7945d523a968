import { isYes } from "../../console/input/ask.js";
import type { Dialogue } from "../../console/input/first-run.js";
import { allChecks } from "../../goals/index.js";
import { prepareGoals } from "../../goals/prepare.js";
import type { Goal, WrittenCheck } from "../../history/goals.js";

/** A file that a goal says is to be made: `write … into notes.md`, `save the table as out/a.csv`. */
const writtenFile =
  /\b(?:write|save|store|put|create|make|produce|generate|export|collect|summarize|summarise|list|record|draw|compile|add|append)\b[^\n]*?\b(?:to|into|in|as|called|named|file)\s+[`"']?((?:[\w-]+\/)*[\w-][\w.-]*\.[a-z][a-z0-9]{0,5})\b/gi;
const createdFile =
  /\b(?:write|create|make|produce|generate|draw)\s+(?:an?\s+|the\s+)?[`"']?((?:[\w-]+\/)*[\w-][\w.-]*\.[a-z][a-z0-9]{0,5})\b/gi;

/** Checks that follow from the words of a goal, without asking anybody. */
export function checksFromWords(goal: string): WrittenCheck[] {
  const files = [writtenFile, createdFile].flatMap((words) => [...goal.matchAll(words)].map(([, file = ""]) => file));
  return [...new Set(files)].map((file) => ({ file_exists: file })).filter(isSound);
}

/** Whether a check is one that the program can carry out as it is written. */
export function isSound(check: WrittenCheck): boolean {
  try {
    prepareGoals([{ goal: "", checks: [check] }], allChecks);
    return true;
  } catch {
    return false;
  }
}

/**
 * Shows the checks that are proposed for goals without any, and takes them with a yes: none is taken that nobody has seen.
 * `proposed`: the goals with checks as a model has them; of other goals the words say what could be checked.
 */
export async function offerChecks(
  goals: readonly Goal[],
  proposed: readonly Goal[],
  { ask, say }: Dialogue,
  { asks }: { asks: boolean },
): Promise<Goal[]> {
  const found = goals.map(({ goal, checks }) => {
    if (checks.length > 0) return [];
    const own = proposed.find((one) => one.goal === goal)?.checks ?? [];
    return own.length > 0 ? own : checksFromWords(goal);
  });
  if (found.every((checks) => checks.length === 0)) return [...goals];
  say("These checks could prove your goals; the program would carry them out itself:");
  for (const [index, checks] of found.entries())
    for (const check of checks) say(`  ${goals[index]?.goal ?? ""}: ${titleOf(check)}`);
  if (!asks) {
    say("None is taken without a yes. Write those that you want under checks in ai_settings.yaml.");
    return [...goals];
  }
  if (!isYes(await ask("Take these checks (y/n)? "))) return [...goals];
  return goals.map((goal, index) => ({ ...goal, checks: goal.checks.length > 0 ? goal.checks : (found[index] ?? []) }));
}

/** A check as evidence names it. */
export const titleOf = (check: WrittenCheck): string => {
  const [goal] = prepareGoals([{ goal: "", checks: [check] }], allChecks);
  return goal?.checks[0]?.name ?? "";
};
