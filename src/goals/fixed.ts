import { messageOf } from "../errors.js";
import type { FileAtStart } from "../history/goals.js";
import type { GoalsChecked } from "../history/events.js";
import type { FixedPlaces } from "../protection/protection.js";
import { WorkspaceError } from "../workspace/workspace-error.js";
import type { Workspace } from "../workspace/workspace.js";
import type { Basis } from "./check.js";
import type { PreparedCheck, PreparedGoal } from "./prepare.js";
import { printOf, printOfPattern, wholePrintOf } from "./prints.js";

/** By what each check judges. */
export type Bases = ReadonlyMap<PreparedCheck, Basis>;

/** By what the goals' checks judge in this workspace, as it is now. */
export async function basesOf(goals: readonly PreparedGoal[], workspace: Workspace): Promise<Bases> {
  const bases = new Map<PreparedCheck, Basis>();
  for (const { checks } of goals) for (const check of checks) bases.set(check, await check.basis(workspace));
  return bases;
}

/** What commands may not write: patterns, and paths by all names that they go by. */
export async function fixedPlaces(
  goals: readonly PreparedGoal[],
  bases: Bases,
  workspace: Workspace,
  start: Pick<GoalsChecked, "files"> | null = null,
): Promise<FixedPlaces> {
  const paths = new Set<string>();
  // What a run has made itself of the kind that is kept may be changed by it, also when it goes on.
  const known = start && new Set(start.files.map(({ file }) => file));
  const kept = new Set([...bases.values()].flatMap((one) => one.kept ?? []));
  for (const path of fixedBy(bases)) {
    if (known && kept.has(path) && !known.has(path)) continue;
    paths.add(path);
    for (const name of await workspace.namesOf(path).catch(() => [])) paths.add(name);
  }
  paths.delete("");
  paths.delete(".");
  return { patterns: goals.flatMap(({ protects }) => protects), paths: [...paths] };
}

const fixedBy = (bases: Bases): Set<string> =>
  new Set([...bases.values()].flatMap(({ fixed, kept = [] }) => [...fixed, ...kept]));

/** Null where there is nothing, or where no command reaches; throws for what cannot be compared. */
const fixedPrint = (workspace: Workspace, path: string): Promise<string | null> =>
  wholePrintOf(workspace, path).catch((thrown: unknown) => {
    if (thrown instanceof WorkspaceError && ["forbidden", "leads-out", "not-a-folder"].includes(thrown.kind))
      return null;
    throw thrown;
  });

/** The prints of everything that checks name, load or judge by, as it is now. What cannot be read has none. */
export async function printsOf(
  goals: readonly PreparedGoal[],
  bases: Bases,
  workspace: Workspace,
): Promise<FileAtStart[]> {
  const files: FileAtStart[] = [];
  const fixed = fixedBy(bases);
  for (const file of fixed) {
    const print = await fixedPrint(workspace, file).catch(() => null);
    if (print !== null) files.push({ file, print, fixed: true });
  }
  for (const pattern of new Set(goals.flatMap(({ protects }) => protects))) {
    const print = await printOfPattern(workspace, pattern).catch(() => null);
    if (print !== null) files.push({ file: pattern, print, fixed: true });
  }
  const named = goals.flatMap(({ checks }) =>
    checks.filter(({ needs }) => needs === "shell").flatMap(({ files: own }) => own),
  );
  const loaded = [...bases.values()].flatMap(({ loads = [] }) => loads);
  for (const file of new Set([...named, ...loaded])) {
    if (fixed.has(file)) continue;
    const print = await printOf(workspace, file);
    if (print !== null) files.push({ file, print });
  }
  return files;
}

/**
 * Why a check cannot be trusted any more, for each where that is so: something that it judges by is not what it was at the
 * start, or was not there.
 */
export async function brokenBases(
  goals: readonly PreparedGoal[],
  bases: Bases,
  start: Pick<GoalsChecked, "files">,
  workspace: Workspace,
): Promise<ReadonlyMap<PreparedCheck, string>> {
  const before = printsIn(start);
  const known = new Map<string, Promise<string | null>>();
  const problemWith = (file: string, print: () => Promise<string | null>): Promise<string | null> => {
    const asked = known.get(file) ?? compared(file, before.get(file), print);
    known.set(file, asked);
    return asked;
  };
  const broken = new Map<PreparedCheck, string>();
  for (const { checks, protects } of goals) {
    for (const check of checks) {
      const problems: (string | null)[] = [];
      for (const file of bases.get(check)?.fixed ?? [])
        problems.push(await problemWith(file, () => fixedPrint(workspace, file)));
      for (const file of bases.get(check)?.kept ?? [])
        if (before.has(file)) problems.push(await problemWith(file, () => fixedPrint(workspace, file)));
      for (const pattern of protects)
        problems.push(await problemWith(pattern, () => printOfPattern(workspace, pattern)));
      for (const files of bases.get(check)?.started ?? [])
        if (!files.some((file) => before.has(file)))
          problems.push(`${files[0] ?? ""}, which it runs, was not there at the start`);
      const problem = problems.find((one) => one !== null);
      if (problem) broken.set(check, problem);
    }
  }
  return broken;
}

/** Why what a goal protects is not what it was at the start; null where it is. */
export async function brokenProtects(
  { protects }: Pick<PreparedGoal, "protects">,
  start: Pick<GoalsChecked, "files">,
  workspace: Workspace,
): Promise<string | null> {
  const before = printsIn(start);
  for (const pattern of protects) {
    const problem = await compared(pattern, before.get(pattern), () => printOfPattern(workspace, pattern));
    if (problem !== null) return problem;
  }
  return null;
}

const printsIn = ({ files }: Pick<GoalsChecked, "files">): ReadonlyMap<string, string> =>
  new Map(files.map(({ file, print }) => [file, print]));

async function compared(
  file: string,
  before: string | undefined,
  print: () => Promise<string | null>,
): Promise<string | null> {
  let now: string | null;
  try {
    now = await print();
  } catch (thrown) {
    return `${file}, by which it judges, cannot be compared with what it was at the start: ${messageOf(thrown)}`;
  }
  if (now === (before ?? null)) return null;
  if (now === null) return `${file}, by which it judges, was there at the start and is gone`;
  if (before !== undefined) return `${file}, by which it judges, was changed since the start`;
  return (
    `${file} was made by this run, and a check is judged only by what was there at the start ` +
    "(a check that is to run the work itself says trust: workspace)"
  );
}

/** Who judges instead of the program, as far as that is known before any work. */
export const judgeByBasis = ({ judgedBy = null, open = null }: Pick<Basis, "judgedBy" | "open">): string | null =>
  judgedBy ?? (open === null ? null : `the work itself: ${open}`);

/** Who judges instead of the program, where that is so: a model, or the work itself. */
export async function judgeOf(
  { protects }: Pick<PreparedGoal, "protects">,
  { fixed, kept = [], judgedBy = null, open = null, loads = [] }: Basis,
  start: Pick<GoalsChecked, "files"> | null,
  workspace: Workspace,
): Promise<string | null> {
  const known = judgeByBasis({ judgedBy, open });
  if (known !== null || start === null) return known;
  const before = printsIn(start);
  const late = new Set(start.files.filter(({ byRun }) => byRun).map(({ file }) => file));
  for (const file of [...fixed, ...kept, ...loads, ...protects])
    if (late.has(file))
      return `the work itself: ${file} was fixed when the run had begun, and the run may have made or changed it`;
  for (const file of loads) {
    const now = await printOf(workspace, file);
    if (now === null || now === before.get(file)) continue;
    return `the work itself: ${file}, which is loaded, was ${before.has(file) ? "changed" : "made"} by this run`;
  }
  return null;
}
