import { codeBlock, codeSpan } from "../../../console/report/inert.js";
import { reportInMarkdown } from "../../../console/report/markdown.js";
import { outcomeInWords } from "../../../console/text/step-line.js";
import type { ReportedStep } from "../../../history/report/run-report.js";
import { changedLineCounts } from "../../../snapshots/net-changes.js";
import type { ExportedRun } from "./exported-run.js";

/** A run as a page to read: its report, and every step with thoughts, command and result. What models and pages said stands in it as code. */
export async function transcript(home: string, { report }: ExportedRun): Promise<string> {
  const page = reportInMarkdown(
    report,
    await changedLineCounts(home, report.run).catch(() => new Map<string, never>()),
  );
  const steps = report.reportedSteps.map(stepSection);
  return `${page}\n# Transcript\n\n${steps.join("\n\n")}\n`;
}

function stepSection(step: ReportedStep): string {
  const { thoughts, command, result, text } = step;
  const said = thoughts === null ? [] : Object.entries(thoughts).filter(([, thought]) => thought !== "");
  return [
    `## Step ${step.step}: ${command === null ? "no command" : codeSpan(command.name)}, ${outcomeInWords(step)}`,
    ...(said.length > 0
      ? said.map(([name, thought]) => `**${name}**\n\n${codeBlock(thought)}`)
      : text === ""
        ? []
        : [`**reply**\n\n${codeBlock(text)}`]),
    ...(command === null ? [] : [`**arguments**\n\n${codeBlock(JSON.stringify(command.args, null, 2))}`]),
    `**result**\n\n${codeBlock(result.text)}`,
  ].join("\n\n");
}

/** A run as the messages of one conversation: what the model was told first, then each reply and what came of it. */
export const chat = ({ report, opening }: ExportedRun): object => ({
  messages: [
    ...opening.filter(({ role }) => role !== "assistant").map(({ role, text }) => ({ role, content: text })),
    ...report.reportedSteps.flatMap(({ text, result }) => [
      ...(text === "" ? [] : [{ role: "assistant", content: text }]),
      { role: "user", content: result.text },
    ]),
  ],
});
