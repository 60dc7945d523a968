import { takenName } from "../base/names/taken-name.js";
import { SettingsError } from "../errors.js";
import { deleteAgent } from "./agents/delete-agent.js";
import { listAgents } from "./agents/list-agents.js";
import { messageAgent } from "./agents/message-agent.js";
import { startAgent } from "./agents/start-agent.js";
import { evaluateCode } from "./code/evaluate-code.js";
import { executePythonFile } from "./code/execute-python-file.js";
import { executeShellPopen } from "./code/execute-shell-popen.js";
import { executeShell } from "./code/execute-shell.js";
import { improveCode } from "./code/improve-code.js";
import { jobOutput } from "./code/job-output.js";
import { stopJob } from "./code/stop-job.js";
import { writeTests } from "./code/write-tests.js";
import type { Command, Need } from "./command.js";
import { appendToFile } from "./files/append-to-file.js";
import { deleteFile } from "./files/delete-file.js";
import { copyFile } from "./files/copy-file.js";
import { editFile } from "./files/edit/edit-file.js";
import { makeFolder } from "./files/make-folder.js";
import { moveFile } from "./files/move-file.js";
import { searchText } from "./files/search/search-text.js";
import { readFile } from "./files/read-file.js";
import { searchFiles } from "./files/search-files.js";
import { writeToFile } from "./files/write-to-file.js";
import { generateImage } from "./media/generate-image.js";
import { doNothing } from "./self/do-nothing.js";
import { memoryAdd } from "./self/memory-add.js";
import { taskComplete } from "./self/task-complete.js";
import { useSkill } from "./self/use-skill.js";
import { browseWebsite } from "./web/browse-website.js";
import { downloadFile } from "./web/download-file.js";
import { getHyperlinks } from "./web/get-hyperlinks.js";
import { getTextSummary } from "./web/get-text-summary.js";
import { google } from "./web/google.js";

/** The original's commands except its last, in the order of its prompt; some are hidden. */
const originalCommands: readonly Command[] = [
  google,
  browseWebsite,
  getTextSummary,
  getHyperlinks,
  startAgent,
  messageAgent,
  listAgents,
  deleteAgent,
  writeToFile,
  readFile,
  appendToFile,
  deleteFile,
  searchFiles,
  evaluateCode,
  improveCode,
  writeTests,
  executePythonFile,
  executeShell,
  memoryAdd,
  taskComplete,
  generateImage,
];

/** Every other command, in the order of the prompt. A new one is one file and one line here. */
const laterCommands: readonly Command[] = [
  editFile,
  searchText,
  moveFile,
  copyFile,
  makeFolder,
  downloadFile,
  executeShellPopen,
  jobOutput,
  stopJob,
  useSkill,
];

/** Every command, in the order of the prompt's COMMANDS list: the original's last one stays the last. */
const inOrder = (added: readonly Command[]): readonly Command[] => [
  ...originalCommands,
  ...laterCommands,
  ...added,
  doNothing,
];

/** Every built-in command. */
export const allCommands = inOrder([]);

/** Every built-in command and these. Throws SettingsError for a name or synonym that is taken. */
export function commandsWith(added: readonly Command[]): readonly Command[] {
  const problem = takenName(allCommands, added, ({ name, synonyms = [] }) => [name, ...synonyms]);
  if (problem !== null) throw new SettingsError(`The command ${problem}`);
  return inOrder(added);
}

/** The commands of a run that has all of `has`. One whose need is missing is left out, or hidden where it explains itself. */
export const availableCommands = (commands: readonly Command[], has: ReadonlySet<Need>): readonly Command[] =>
  commands.flatMap((command) => {
    if (command.needs === undefined || has.has(command.needs)) return [command];
    return command.explainsItself ? [{ ...command, hidden: true }] : [];
  });

/** Commands by name, in order: looked up in a Map, so that no name of the model's reaches an object's prototype. */
export const commandMap = (commands: readonly Command[]): ReadonlyMap<string, Command> =>
  new Map(commands.map((command) => [command.name, command]));
