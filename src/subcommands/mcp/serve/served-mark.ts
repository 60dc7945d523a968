import { stat } from "node:fs/promises";
import { isMissing } from "../../../base/system-error.js";
import { SettingsError } from "../../../errors.js";
import { agentsMark, runDirectory, runNames } from "../../../history/runs.js";

/**
 * Whether another agent has asked for a run: those alone may be looked at, answered and resumed by one. What waits for the user's own yes in
 * other runs is no affair of another agent.
 */
const isServed = (home: string, run: string): Promise<boolean> =>
  stat(agentsMark(runDirectory(home, run))).then(
    () => true,
    (thrown: unknown) => {
      if (isMissing(thrown)) return false;
      throw thrown;
    },
  );

/** The names of this home's runs that other agents have asked for, the newest first. */
export async function servedRuns(home: string): Promise<string[]> {
  const names = runNames(home);
  const are = await Promise.all(names.map((name) => isServed(home, name)));
  return names.filter((_name, index) => are[index]).reverse();
}

/** Throws SettingsError for a run that is not there, or that no agent has asked for. */
export async function requireServed(home: string, run: string): Promise<void> {
  const names = runNames(home);
  if (!names.includes(run))
    throw new SettingsError(
      `There is no run ${JSON.stringify(run)}. run_status without a run lists those that there are.`,
    );
  if (!(await isServed(home, run)))
    throw new SettingsError(
      `The run ${run} was not started with run_goal: it is its user's own, who alone looks after it.`,
    );
}
