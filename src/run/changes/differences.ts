import { isDeepStrictEqual } from "node:util";
import type { ApprovalRule } from "../../history/approval-rule.js";
import type { Goal, WrittenCheck } from "../../history/goals.js";
import { goalOf, goalEntryOf } from "../../history/goals.js";
import { sizeText } from "../../base/text.js";
import type { InstructionFile } from "../../history/events/guidance.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { AiSettings } from "../../settings/ai/ai.js";
import type { RunChanges } from "../../history/events.js";

/** What is different in a settings file since a run began: in words, a line each, and as the run would take it over. */
export type Differences = { lines: string[]; changes: RunChanges };

/**
 * Compares the AI of a settings file with that of a run. Its name is not looked at: another name is another AI, with
 * a memory of its own.
 */
export function differencesSince(
  { start, approve: rules }: Pick<RecordedRun, "start" | "approve">,
  {
    aiRole,
    goals,
    approve = [],
    mustNot = [],
    protect = [],
  }: Pick<AiSettings, "aiRole" | "goals" | "approve" | "mustNot" | "protect">,
): Differences {
  const before = start.goals.map(goalOf);
  const guardsBefore = start.mustNot ?? [];
  const isProtected = isDeepStrictEqual(start.protect ?? [], protect);
  return {
    lines: [
      ...(aiRole === start.aiRole ? [] : [`The role is now: ${aiRole}`]),
      ...differentGoals(before, goals),
      ...differentGuards(guardsBefore, mustNot),
      ...differentRules(rules, approve),
      ...(isProtected ? [] : ["The rules of protection (protect) are different."]),
    ],
    changes: {
      ...(isDeepStrictEqual([...guardsBefore], [...mustNot]) ? {} : { mustNot }),
      ...(isProtected ? {} : { protect }),
      ...(aiRole === start.aiRole ? {} : { aiRole }),
      ...(isDeepStrictEqual(before, goals) ? {} : { goals: goals.map(goalEntryOf) }),
      ...(isDeepStrictEqual([...rules], approve) ? {} : { approve }),
    },
  };
}

/** The same of instructions; `files` are those that differ. */
export function instructionDifferences(
  before: readonly InstructionFile[],
  now: readonly InstructionFile[],
): Differences & { files: string[] } {
  const textIn = (all: readonly InstructionFile[], file: string): string | undefined =>
    all.find((one) => one.file === file)?.text;
  const gone = before.filter(({ file }) => textIn(now, file) === undefined);
  const added = now.filter(({ file }) => textIn(before, file) === undefined);
  const changed = now.filter(({ file, text }) => ![undefined, text].includes(textIn(before, file)));
  const lines = [
    ...gone.map(({ file }) => `No longer instructions: ${file}`),
    ...added.map(({ file, bytes }) => `New instructions: ${file} (${sizeText(bytes)})`),
    ...changed.map(({ file, bytes }) => `Other instructions: ${file} (${sizeText(bytes)})`),
  ];
  return {
    lines,
    files: [...gone, ...added, ...changed].map(({ file }) => file),
    changes: lines.length === 0 ? {} : { instructions: now },
  };
}

function differentGoals(before: readonly Goal[], now: readonly Goal[]): string[] {
  const find = (goals: readonly Goal[], text: string): Goal | undefined => goals.find(({ goal }) => goal === text);
  const gone = before.filter(({ goal }) => !find(now, goal)).map(({ goal }) => `No longer a goal: ${goal}`);
  const added = now.filter(({ goal }) => !find(before, goal)).map(({ goal }) => `A new goal: ${goal}`);
  const checked = now
    .filter((goal) => {
      const old = find(before, goal.goal);
      return old !== undefined && !isDeepStrictEqual(old, goal);
    })
    .map((goal) => {
      const isChecked = isDeepStrictEqual(find(before, goal.goal)?.checks, goal.checks);
      return `${isChecked ? "Other files under protects" : "Other checks"}: ${goal.goal}`;
    });
  const lines = [...gone, ...added, ...checked];
  return lines.length === 0 && !isDeepStrictEqual(before, now) ? ["The goals are in another order."] : lines;
}

function differentGuards(before: readonly WrittenCheck[], now: readonly WrittenCheck[]): string[] {
  const without = (some: readonly WrittenCheck[], others: readonly WrittenCheck[]): string[] =>
    some
      .filter((one) => !others.some((other) => isDeepStrictEqual(one, other)))
      .map((one) =>
        Object.entries(one)
          .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
          .join(", "),
      );
  return [
    ...without(before, now).map((guard) => `No longer under must_not: ${guard}`),
    ...without(now, before).map((guard) => `New under must_not: ${guard}`),
  ];
}

const differentRules = (before: readonly ApprovalRule[], now: readonly ApprovalRule[]): string[] =>
  isDeepStrictEqual([...before], [...now]) ? [] : ["The rules for single commands (approve) are different."];
