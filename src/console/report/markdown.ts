import { commandLine } from "../../base/process/command-line.js";
import { counted, shellQuoted } from "../../base/text.js";
import { evidenceLines, goalOf } from "../../history/goals.js";
import type { RunReport } from "../../history/report/run-report.js";
import { heldBackLines, sourceLines } from "../../history/report/taint-lines.js";
import { tokensOf } from "../../history/totals.js";
import { commandInShort, outcomeInWords } from "../text/step-line.js";
import { costText, durationText, endSentence, remedyText, shortNumber, stateInWords } from "../text/words.js";
import { fileLines, othersText, type LineCounts } from "./changed-files.js";
import { codeBlock, codeCell, codeSpan } from "./inert.js";
import { nextCommands, serverQuestionLine, undoneLines } from "./next-commands.js";

/** So many of its last steps are listed. */
export const mostSteps = 100;

/**
 * A run as a page of Markdown: why it ended, goals with verdict and evidence, answer, what it waits for, what it changed
 * with lines, refusals, what was held back, circles, cost by purpose and model, steps, and what to type next. Whatever a model, a page or a
 * file said stands in it as code, so that it can do nothing to whoever looks at it.
 */
export function reportInMarkdown(report: RunReport, lines: LineCounts): string {
  const sections: [heading: string, body: string[]][] = [
    ["Goals", goalsOf(report)],
    ["It waits for your answer", questionOf(report)],
    ["Answer", report.answer === null ? [] : [codeBlock(report.answer)]],
    ["What changed", filesOf(report, lines)],
    [
      "Refused",
      report.refusals.map(({ step, command, reason }) => `- step ${step}, ${codeSpan(command)}: ${codeSpan(reason)}`),
    ],
    ["Text of others that it has read", sourceLines(report).map((line) => `- ${codeSpan(line)}`)],
    ["Held back, as text of others may have led to it", heldBackLines(report).map((line) => `- ${codeSpan(line)}`)],
    ["Circles", circlesOf(report)],
    ["Cost", costOf(report)],
    ["Steps", stepsOf(report)],
    [
      "Next",
      [
        ...nextCommands(report).map((command) => `- ${codeSpan(command)}`),
        `- Journal: ${codeSpan(shellQuoted(report.journal))}`,
      ],
    ],
  ];
  const shown = sections.filter(([, body]) => body.length > 0);
  return `${[headOf(report), ...shown.map(([heading, body]) => `## ${heading}\n\n${body.join("\n")}`)].join("\n\n")}\n`;
}

function headOf(report: RunReport): string {
  const { run, start, state, end, steps, durationMs, started, continuous } = report;
  const why = end === null ? "It has no end in its journal." : endSentence(end.reason);
  const began = started === null ? "" : `Began ${started.slice(0, 16).replace("T", " ")} UTC, worked `;
  return [
    `# Run ${codeSpan(run)}: ${stateInWords(state)}`,
    `${codeSpan(start.aiName)}, ${codeSpan(start.aiRole)}`,
    `${began}${durationText(durationMs)} in ${counted(steps, "step")}${continuous ? ", without asking" : ""}. ${why}` +
      (end === null ? "" : ` Exit code ${end.exitCode}.`),
    ...(end?.message === undefined ? [] : [codeSpan(end.message)]),
    `Workspace: ${codeSpan(start.workspace)}`,
    ...undoneLines(report),
  ].join("\n\n");
}

const goalsOf = ({ end, start }: RunReport): string[] =>
  end && end.goals.length > 0
    ? end.goals.flatMap((judged) => [
        `- **${judged.verdict}**: ${codeSpan(judged.goal)}`,
        ...evidenceLines(judged).map((found) => `  - ${codeSpan(found)}`),
      ])
    : start.goals.map((goal) => `- **open**: ${codeSpan(goalOf(goal).goal)}`);

const questionOf = (report: RunReport): string[] => [...commandQuestionOf(report), ...serverQuestionsOf(report)];

const serverQuestionsOf = ({ serverQuestions, id }: RunReport): string[] =>
  serverQuestions.length === 0
    ? []
    : [
        ...serverQuestions.map((asked) => `- ${codeSpan(serverQuestionLine(asked))}`),
        "",
        `- ${codeSpan(commandLine(`answer ${id}`))}`,
      ];

const commandQuestionOf = ({ question, id }: RunReport): string[] =>
  question === null
    ? []
    : [
        `Step ${question.step} wants to run ${codeSpan(commandInShort(question))} (${question.effect}), which takes your yes.`,
        ...(question.remark === undefined ? [] : ["", codeSpan(question.remark)]),
        "",
        `- ${codeSpan(commandLine(`approve ${id}`))}`,
        `- ${codeSpan(commandLine(`deny ${id} --reason TEXT`))}`,
      ];

function filesOf({ files }: RunReport, lines: LineCounts): string[] {
  const others = othersText(files);
  return [
    ...fileLines(files, lines).map(
      ({ fate, file, lines: count }) => `- ${fate} ${codeSpan(file)}${count === "" ? "" : ` (${count})`}`,
    ),
    ...(others === null ? [] : [`- ${others}`]),
  ];
}

const circlesOf = ({ circles }: RunReport): string[] =>
  circles.map(({ step, text, rung }) => `- after step ${step}: ${codeSpan(text)} ${remedyText(rung)}`.trimEnd());

function costOf({ spending, usage }: RunReport): string[] {
  if (usage === null || spending.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const all = [...spending, { purpose: "in all", model: "", totals: usage }];
  return [
    row(["Purpose", "Model", "Requests", "Tokens", "Cost"]),
    row(["---", "---", "---:", "---:", "---:"]),
    ...all.map(({ purpose, model, totals }) =>
      row([
        purpose,
        model === "" ? "" : codeCell(model),
        String(totals.requests),
        shortNumber(tokensOf(totals)),
        costText(totals),
      ]),
    ),
  ];
}

function stepsOf({ reportedSteps, steps }: RunReport): string[] {
  const shown = reportedSteps.slice(-mostSteps);
  return [
    ...(shown.length < steps ? [`The last ${shown.length} of ${steps}.`, ""] : []),
    ...shown.map((step) => `- ${step.step}: ${codeSpan(commandInShort(step))}, ${outcomeInWords(step)}`),
  ];
}
