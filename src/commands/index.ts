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
import type { Command } from "./command.js";
import { appendToFile } from "./files/append-to-file.js";
import { deleteFile } from "./files/delete-file.js";
import { readFile } from "./files/read-file.js";
import { searchFiles } from "./files/search-files.js";
import { writeToFile } from "./files/write-to-file.js";
import { generateImage } from "./media/generate-image.js";
import { doNothing } from "./self/do-nothing.js";
import { memoryAdd } from "./self/memory-add.js";
import { taskComplete } from "./self/task-complete.js";
import { browseWebsite } from "./web/browse-website.js";
import { downloadFile } from "./web/download-file.js";
import { getHyperlinks } from "./web/get-hyperlinks.js";
import { getTextSummary } from "./web/get-text-summary.js";
import { google } from "./web/google.js";

/** Every command, in the order of the prompt's COMMANDS list. A new one is one file and one line here. */
export const allCommands: readonly Command[] = [
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
  downloadFile,
  executeShellPopen,
  jobOutput,
  stopJob,
  doNothing,
];

/** Commands by name, in order: looked up in a Map, so that no name of the model's reaches an object's prototype. */
export const commandMap = (commands: readonly Command[]): ReadonlyMap<string, Command> =>
  new Map(commands.map((command) => [command.name, command]));
