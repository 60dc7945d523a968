import { SettingsError } from "../../errors.js";
import type { ListedRun } from "../../fleet/store/run-store.js";

/** Whether a run's name can be that of a folder: somebody else may have written into the store. */
export const isFolderName = (run: string): boolean => /^\w[\w.-]{0,200}$/.test(run);

/** The run of this name, or the only one whose name begins or ends so. Throws SettingsError. */
export function namedRun(runs: readonly ListedRun[], name: string): ListedRun {
  // Every name begins so: a variable of a script may be empty.
  if (name === "") throw new SettingsError('The name of a run is empty. "autogpt fleet" lists them.');
  const found = runs.filter(({ run }) => run === name || run.startsWith(name) || run.endsWith(name));
  const exact = found.find(({ run }) => run === name);
  const [only, ...others] = exact ? [exact] : found;
  if (only === undefined)
    throw new SettingsError(`The fleet has no run ${JSON.stringify(name)}. "autogpt fleet" lists them.`);
  if (others.length === 0) return only;
  const names = [only, ...others].map(({ run }) => run);
  throw new SettingsError(`${JSON.stringify(name)} may be ${names.slice(0, 5).join(", ")}: name one of them.`);
}
