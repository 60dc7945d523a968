import type { Goal, WrittenCheck } from "../history/event-parts.js";
import { readWritten } from "../base/written-value.js";
import { messageOf, SettingsError } from "../errors.js";
import type { Check, CheckContext, CheckResult } from "./check.js";

/**
 * A check that can be carried out. `name` has its title; `files` are paths in the workspace that its outcome may hang on;
 * `run` never throws.
 */
export type PreparedCheck = Pick<Check, "needs"> & {
  name: string;
  files: readonly string[];
  run(context: CheckContext): Promise<CheckResult>;
};

/** A goal whose checks can be carried out. */
export type PreparedGoal = { goal: string; checks: readonly PreparedCheck[] };

/** Finds every goal's checks among those that are known. Throws SettingsError for one that is not, or whose value is wrong. */
export const prepareGoals = (goals: readonly Goal[], known: readonly Check[]): PreparedGoal[] =>
  goals.map(({ goal, checks }) => ({ goal, checks: checks.map((check) => prepareCheck(goal, check, known)) }));

function prepareCheck(goal: string, written: WrittenCheck, known: readonly Check[]): PreparedCheck {
  const [[name, value] = ["", undefined]] = Object.entries(written);
  const check = known.find((each) => each.name === name);
  if (check === undefined) {
    const names = known.map((each) => each.name).join(", ");
    throw new SettingsError(`The goal "${goal}" has a check ${JSON.stringify(name)}; there are ${names}.`);
  }
  const read = readWritten(check.value, value);
  if (!read.ok)
    throw new SettingsError(
      `The goal "${goal}" has a check that is wrong: ${name}${read.problem}. Correct it in the settings file.`,
    );
  const called = `${name} ${check.title(read.value as never)}`;
  return {
    name: called,
    files: check.files?.(read.value as never) ?? [],
    ...(check.needs ? { needs: check.needs } : {}),
    async run(context) {
      try {
        return await check.run(read.value as never, context);
      } catch (error) {
        return { ok: false, found: messageOf(error) };
      }
    },
  };
}

/**
 * Throws SettingsError for the first goal with a check that needs a sandbox, where there is none; `problem` says why.
 * `known`: the checks that the advice may name instead.
 */
export async function refuseUnrunnable(
  goals: readonly PreparedGoal[],
  known: readonly Check[],
  problem: () => Promise<string | null>,
): Promise<void> {
  for (const { goal, checks } of goals) {
    const check = checks.find(({ needs }) => needs === "shell");
    if (check === undefined) continue;
    const reason = await problem();
    if (reason === null) return;
    const others = known.filter(({ needs }) => needs === undefined).map(({ name }) => name);
    throw new SettingsError(
      `The goal "${goal}" has the check "${check.name}", and it cannot be run: ${reason}. ` +
        `Install bubblewrap or start Docker, use ${others.join(" or ")} instead, or remove the check.`,
    );
  }
}
