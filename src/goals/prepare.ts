import { stableJson } from "../base/json.js";
import type { Goal, WrittenCheck } from "../history/goals.js";
import { readWritten } from "../base/written-value.js";
import { messageOf, SettingsError } from "../errors.js";
import type { Workspace } from "../workspace/workspace.js";
import type { Basis, Check, CheckContext, CheckResult } from "./check.js";

/**
 * A check that can be carried out. `name` has its title; `files` are paths in the workspace that it names, and `basis` is by
 * what else it judges; `run` never throws.
 */
export type PreparedCheck = Pick<Check, "needs" | "elsewhere"> & {
  name: string;
  /** It says what must not happen, and is to pass from the beginning. */
  guard?: true;
  files: readonly string[];
  basis(workspace: Workspace): Promise<Basis>;
  run(context: CheckContext): Promise<CheckResult>;
};

/** A goal whose checks can be carried out; a guard is one that says what must not happen. */
export type PreparedGoal = {
  goal: string;
  checks: readonly PreparedCheck[];
  protects: readonly string[];
  guard?: true;
};

/** Finds every goal's checks among those that are known. Throws SettingsError for one that is not, or whose value is wrong. */
export function prepareGoals(
  goals: readonly Goal[],
  known: readonly Check[],
  { named = new Map(), guard = false }: { named?: CheckNames; guard?: boolean } = {},
): PreparedGoal[] {
  return goals.map(({ goal, checks, protects = [] }) => ({
    goal,
    protects,
    ...(guard && { guard: true as const }),
    checks: checks.map((written) => {
      const check = prepareCheck(`The goal "${goal}"`, written, known);
      return { ...check, ...(guard && { guard }), name: nameOfItsOwn(check.name, stableJson([guard, written]), named) };
    }),
  }));
}

/** What checks are called, and what each of them is that is called so. */
export type CheckNames = Map<string, string[]>;

/** Two checks that are not the same are never called the same, since what was found is kept under their names. */
function nameOfItsOwn(name: string, written: string, named: CheckNames): string {
  const alike = named.get(name) ?? [];
  if (!alike.includes(written)) named.set(name, [...alike, written]);
  const index = (named.get(name) ?? []).indexOf(written);
  return index === 0 ? name : `${name} (${index + 1})`;
}

/** The check of these that is written, with its value as it was read. Throws SettingsError; `whose` begins its message. */
export function findCheck(
  whose: string,
  written: WrittenCheck,
  known: readonly Check[],
): { check: Check; value: unknown } {
  const [[name, value] = ["", undefined]] = Object.entries(written);
  const check = known.find((each) => each.name === name);
  if (check === undefined) {
    const names = known.map((each) => each.name).join(", ");
    throw new SettingsError(`${whose} has a check ${JSON.stringify(name)}; there are ${names}.`);
  }
  const read = readWritten(check.value, value);
  if (!read.ok)
    throw new SettingsError(
      `${whose} has a check that is wrong: ${name}${read.problem}. Correct it in the settings file.`,
    );
  return { check, value: read.value };
}

function prepareCheck(whose: string, written: WrittenCheck, known: readonly Check[]): PreparedCheck {
  const { check, value } = findCheck(whose, written, known);
  return {
    name: `${check.name} ${check.title(value as never)}`,
    files: check.files?.(value as never) ?? [],
    ...(check.needs ? { needs: check.needs } : {}),
    ...(check.elsewhere ? { elsewhere: check.elsewhere } : {}),
    basis: async (workspace) => (await check.basis?.(value as never, workspace)) ?? { fixed: [] },
    async run(context) {
      try {
        return await check.run(value as never, context);
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
