import { SettingsError } from "../errors.js";
import type { Check } from "./check.js";
import { fileContains } from "./checks/file-contains.js";
import { fileExists } from "./checks/file-exists.js";
import { run } from "./checks/run.js";

/** Every check, in the order in which messages name them. A new one is one file and one line here. */
export const allChecks: readonly Check[] = [fileExists, fileContains, run];

/** The built-in checks and others behind them. Throws SettingsError for a name that is taken. */
export function checksWith(added: readonly Check[]): readonly Check[] {
  const checks = [...allChecks];
  for (const check of added) {
    if (checks.some(({ name }) => name === check.name))
      throw new SettingsError(`There is a check ${check.name} already: give the one that was added another name.`);
    checks.push(check);
  }
  return checks;
}
