import { commandLine } from "../../base/process/command-line.js";
import { cleanLine } from "../../base/text.js";
import type { ServerQuestion } from "../../history/questions/server-questions.js";
import { isRefusal } from "../../history/resume.js";
import { momentInWords } from "../text/words.js";
import type { RunReport } from "../../history/report/run-report.js";

/** What one may want to type after a run, the nearest first. */
export function nextCommands(report: RunReport): string[] {
  const { id, question, serverQuestions, reportedSteps, files } = report;
  const last = reportedSteps.at(-1);
  const changes = [...files.created, ...files.changed, ...files.deleted];
  return [
    ...(report.open && question !== null ? [commandLine(`approve ${id}`)] : []),
    ...(report.open && serverQuestions.length > 0 ? [commandLine(`answer ${id}`)] : []),
    ...wayOn(report),
    ...(changes.length > 0 ? [commandLine(`diff ${id}`)] : []),
    ...(last ? [commandLine(`runs show ${id} --step ${last.step}`)] : []),
  ];
}

/** What a server has asked, on a line. */
export const serverQuestionLine = ({ step, command, message }: ServerQuestion): string =>
  cleanLine(`step ${step}: the server of ${command.name} asks you: ${message}`, 300);

/** That steps of the run are undone, and where the workspace stands; nothing where none are. */
export const undoneLines = ({ undoneAfter, steps }: RunReport): string[] =>
  undoneAfter === null || undoneAfter >= steps
    ? []
    : [`Undone: the workspace is as it was ${momentInWords(undoneAfter)}.`];

/** What goes on with a run: one of which steps are undone does not before they are put back. */
function wayOn({ id, open, undoneAfter, steps, end }: RunReport): string[] {
  if (undoneAfter !== null && undoneAfter < steps) return [commandLine(`undo ${id} --to ${steps}`)];
  return open && !(end !== null && isRefusal(end)) ? [commandLine(`--resume ${id}`)] : [];
}
