import type { WrittenCheck } from "../history/goals.js";
import { SettingsError } from "../errors.js";
import { defineCheck, type Check } from "./check.js";
import { fileAbsent } from "./checks/file-absent.js";
import { fileContains } from "./checks/file-contains.js";
import { run } from "./checks/run.js";
import { prepareGoals, type CheckNames, type PreparedGoal } from "./prepare.js";
import { searchFile, whyNotSearched } from "./read-file.js";
import { text } from "./values.js";

/** What is fixed is compared with what it was at the start, whoever is judged by it. */
const unchanged = (name: string): Check =>
  defineCheck({
    name,
    value: text,
    title: (path) => path,
    basis: async (path) => ({ fixed: [path] }),
    async run(path, { workspace }) {
      const entry = await workspace.stat(path);
      return { ok: true, found: entry === null ? "not there, as at the start" : "as it was at the start" };
    },
  });

/** Under `must_not`, `file_exists` says that there may be no such file, and `file_contains` that a file may not come to have a pattern. */
const noSuchFile: Check = { ...fileAbsent, name: "file_exists" };
const noSuchPattern: Check = {
  ...fileContains,
  async run({ file, pattern }: { file: string; pattern: string }, context) {
    const { outcome } = await searchFile(context, file, pattern);
    if (outcome === "no-file" || outcome === "not-found") return { ok: true, found: "it is not there" };
    return { ok: false, found: whyNotSearched(outcome) ?? "the pattern was found in the file" };
  },
};

type Guard = { check: Check; meaning: string };
const guards: readonly Guard[] = [
  { check: unchanged("file_unchanged"), meaning: "this file stays as it is" },
  { check: unchanged("folder_untouched"), meaning: "everything in this folder stays as it is" },
  { check: run, meaning: "this command goes on passing" },
  { check: noSuchFile, meaning: "there is no such file" },
  { check: noSuchPattern, meaning: "this file does not have this pattern" },
];

/** What may stand under `must_not`. */
export const guardChecks: readonly Check[] = guards.map(({ check }) => check);

/** What is under `must_not`, as goals that can be judged. Throws SettingsError for what cannot stand there. */
export function prepareGuards(written: readonly WrittenCheck[], named?: CheckNames): PreparedGoal[] {
  const goals = written.map((one) => {
    const meaning = guards.find(({ check }) => check.name in one)?.meaning;
    const names = guardChecks.map(({ name }) => name).join(", ");
    if (meaning === undefined)
      throw new SettingsError(`must_not has ${JSON.stringify(Object.keys(one).join(", "))}; there may be ${names}.`);
    return { goal: `must not break: ${meaning}`, checks: [one] };
  });
  return prepareGoals(goals, guardChecks, { ...(named && { named }), guard: true });
}
