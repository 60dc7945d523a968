import { commandLine } from "../../base/process/command-line.js";
import type { RunReport } from "../../history/report/run-report.js";

/** What one may want to type after a run, the nearest first. */
export function nextCommands({ id, open, question, reportedSteps, files }: RunReport): string[] {
  const last = reportedSteps.at(-1);
  const changes = [...files.created, ...files.changed, ...files.deleted];
  return [
    ...(open && question !== null ? [commandLine(`approve ${id}`)] : []),
    ...(open ? [commandLine(`--resume ${id}`)] : []),
    ...(changes.length > 0 ? [commandLine(`diff ${id}`)] : []),
    ...(last ? [commandLine(`runs show ${id} --step ${last.step}`)] : []),
  ];
}
