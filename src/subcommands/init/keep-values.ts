import { isYes } from "../../console/input/ask.js";
import { existsSync } from "node:fs";
import type { Dialogue } from "../../console/input/first-run.js";
import { readEnvFile } from "../../settings/environment/env-file.js";
import { addToGitignore, isOpenToGit } from "../../settings/environment/git-ignored.js";
import { keepCopy } from "../../settings/environment/keep-copy.js";
import { writeEnvironmentFile } from "../../settings/environment/write-env.js";
import { isSet } from "../../settings/read-value.js";
import type { Values } from "./connect.js";

/**
 * Writes variables into a `.env` file and says so; where one of its values gets another, a copy is kept. On a terminal, a file
 * that Git would take is offered to be ignored. Throws SettingsError.
 */
export async function keepValues(
  file: string,
  values: Values,
  { dialogue, home, terminal }: { dialogue: Dialogue; home: string; terminal: boolean },
): Promise<void> {
  const before = existsSync(file) ? (await readEnvFile(file, file)).values : {};
  const isReplaced = Object.entries(values).some(([name, value]) => isSet(before[name]) && before[name] !== value);
  const copy = isReplaced ? await keepCopy(file, home) : null;
  if (copy !== null) dialogue.say(`What stood in ${file} is kept in ${copy}.`);
  await writeEnvironmentFile(file, values);
  dialogue.say(`Wrote ${Object.keys(values).join(", ")} to ${file}.`);
  if (values["OPENAI_API_KEY"] === undefined || !(await isOpenToGit(file))) return;
  const open = `${file} lies in a Git repository, which does not ignore it`;
  if (!terminal) return dialogue.say(`WARNING: ${open}: add it to .gitignore, so that the key is not committed.`);
  const answer = (await dialogue.ask(`${open}. Add it to .gitignore? (Enter: yes, n: no) `))?.trim() ?? "n";
  if (answer !== "" && !isYes(answer)) return;
  await addToGitignore(file);
  dialogue.say("Added to .gitignore.");
}
