import { takenName } from "../base/names/taken-name.js";
import { SettingsError } from "../errors.js";
import type { Check } from "./check.js";
import { ask } from "./checks/ask.js";
import { fileAbsent } from "./checks/file-absent.js";
import { fileContains } from "./checks/file-contains.js";
import { fileExists } from "./checks/file-exists.js";
import { fileLacks } from "./checks/file-lacks.js";
import { http } from "./checks/http.js";
import { jsonSchema } from "./checks/json-schema.js";
import { run } from "./checks/run.js";

/** Every check, in the order in which messages name them. A new one is one file and one line here. */
export const allChecks: readonly Check[] = [
  fileExists,
  fileContains,
  fileAbsent,
  fileLacks,
  jsonSchema,
  run,
  http,
  ask,
];

/** Every built-in check, and these behind them. Throws SettingsError for a name that is taken. */
export function checksWith(added: readonly Check[]): readonly Check[] {
  const problem = takenName(allChecks, added);
  if (problem !== null) throw new SettingsError(`The check ${problem}`);
  return [...allChecks, ...added];
}
