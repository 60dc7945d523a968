import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { hasBegun, lastRun, runFolders, runNames, startOfRun } from "../runs.js";

/** The fewest characters of a short id: those that a run's name ends with are random. */
const fewestCharacters = 4;
const mostCandidates = 10;

/** For each name the shortest end that no other one ends with; a name that a person gave stays as it is. */
export function shortIds(names: readonly string[]): ReadonlyMap<string, string> {
  // Read backwards and sorted, those that share the most with a name stand beside it: there may be thousands.
  const sorted = [...new Set(names)].map((name) => ({ name, reversed: name.split("").reverse().join("") }));
  sorted.sort((one, other) => (one.reversed < other.reversed ? -1 : 1));
  const ids = sorted.map(({ name, reversed }, at): [string, string] => {
    if (startOfRun(name) === null) return [name, name];
    const shared = [sorted[at - 1], sorted[at + 1]].map((other) => sharedLength(reversed, other?.reversed ?? ""));
    const length = Math.max(fewestCharacters, ...shared.map((one) => one + 1));
    return [name, name.slice(-length)];
  });
  return new Map(ids);
}

/** The short id of one of the runs of a home. Only those that end as it does are looked at: each run asks for it at its end, and there may be thousands. */
export function shortIdIn(home: string, run: string): string {
  const end = run.slice(-fewestCharacters);
  const alike = runFolders(home).filter((name) => name.endsWith(end) && hasBegun(home, name));
  return shortIds(alike).get(run) ?? run;
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return length;
}

/** A home has no run of the name that was given. */
export class UnknownRunError extends SettingsError {
  readonly given: string;
  constructor(home: string, given: string) {
    super(`There is no run ${JSON.stringify(given)} in ${home}. ${commandLine("runs")} lists them.`);
    this.given = given;
  }
}

/**
 * The run that is meant: by its name, by a beginning or an end of it that no other run has, or by `last`. Throws
 * UnknownRunError where there is none, and SettingsError where several could be meant, which it names.
 */
export async function runNamed(home: string, given: string): Promise<string> {
  const run = await runNamedIn(home, given);
  if (run !== null) return run;
  throw new UnknownRunError(home, given);
}

/** The same; null where there is none. */
export async function runNamedIn(home: string, given: string): Promise<string | null> {
  const names = runNames(home);
  const [only, ...others] = meantBy(names, given);
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) return null;
  const candidates = [only, ...others].sort().reverse();
  const more = candidates.length - mostCandidates;
  throw new SettingsError(
    `${JSON.stringify(given)} may mean each of ${candidates.slice(0, mostCandidates).join(", ")}` +
      `${more > 0 ? ` and ${more} others` : ""}. Give more of the name.`,
  );
}

function meantBy(names: readonly string[], given: string): string[] {
  if (given === "") return [];
  if (names.includes(given)) return [given];
  if (given === "last") return [lastRun(names)].filter((name) => name !== undefined);
  return names.filter((name) => name.startsWith(given) || name.endsWith(given));
}

/** The run that began last. Throws SettingsError where there is none; `purpose` says what it was looked for. */
export async function lastRunOf(home: string, purpose = ""): Promise<string> {
  const run = lastRun(runNames(home));
  if (run !== undefined) return run;
  throw new SettingsError(`There is no run${purpose} in ${home}. ${commandLine()} starts one.`);
}

/** What a shell may complete where a run is named: all names, newest first. Reads one folder and no journal. */
export const runsToComplete = async (home: string): Promise<string[]> => runFolders(home).sort().reverse();
