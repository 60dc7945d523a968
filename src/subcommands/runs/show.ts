import { escapeText } from "../../base/escape.js";
import { counted, shellQuoted } from "../../base/text.js";
import { layOut } from "../../console/layout.js";
import { changedFileLines } from "../../console/report/changed-files.js";
import { nextCommands, serverQuestionLine, undoneLines } from "../../console/report/next-commands.js";
import { commandInShort, outcomeInWords } from "../../console/text/step-line.js";
import { cutToWidth, table } from "../../console/text/table.js";
import { costText, durationText, endSentence, shortNumber, stateInWords, whenText } from "../../console/text/words.js";
import { heldBackLines, sourceLines } from "../../history/report/taint-lines.js";
import { tokensOf } from "../../history/totals.js";
import { SettingsError } from "../../errors.js";
import type { RunLimits, Totals } from "../../history/event-parts.js";
import { evidenceLines, goalOf, type GoalEntry } from "../../history/goals.js";
import type { ReportedStep, RunReport } from "../../history/report/run-report.js";
import { reportNow } from "../../run/report-now.js";

export type ShowOptions = {
  json: boolean;
  /** All of the run as a page, as it lies in its folder as `report.md`. */
  markdown: boolean;
  step: number | null;
  width: number | undefined;
};

/** `autogpt runs show`: a run, or one step of it, as text or as one JSON object. Throws SettingsError for a step that is not there. */
export async function showRun(
  home: string,
  run: string,
  { json, markdown, step, width }: ShowOptions,
): Promise<string> {
  const report = await reportNow(home, run);
  if (markdown) return (await markdownOf(home, report)).trimEnd();
  if (step === null) return json ? JSON.stringify(jsonOf(report)) : textOf(report, width);
  const found = report.reportedSteps.find((one) => one.step === step);
  if (found === undefined)
    throw new SettingsError(`The run ${run} has no step ${step}: it has finished ${counted(report.steps, "step")}.`);
  return json ? JSON.stringify(found) : stepText(found);
}

async function markdownOf(home: string, report: RunReport): Promise<string> {
  const { reportInMarkdown } = await import("../../console/report/markdown.js");
  const { changedLineCounts } = await import("../../snapshots/net-changes.js");
  return reportInMarkdown(report, await changedLineCounts(home, report.run));
}

/** What each step said and what came of it is left to `--step` and to the journal. */
const jsonOf = ({ reportedSteps, start, ...report }: RunReport): object => ({
  ...report,
  goals: report.end?.goals ?? start.goals.map(goalText).map((goal) => ({ goal, verdict: "open", evidence: null })),
  workspace: start.workspace,
  models: start.model,
  stepList: reportedSteps.map(({ step, command, outcome, result: { ok, changed, files }, durationMs }) => ({
    ...{ step, command: command?.name ?? null, args: command?.args ?? null, outcome, ok, durationMs },
    ...(changed !== undefined && { changed }),
    ...(files !== undefined && { files }),
  })),
});

const goalText = (goal: GoalEntry): string => goalOf(goal).goal;

function textOf(report: RunReport, width: number | undefined): string {
  const sections: [heading: string, lines: string[]][] = [
    ["", headOf(report)],
    ["Goals", goalsOf(report)],
    ["Waits for your answer", questionOf(report)],
    ["Answer", report.answer === null ? [] : lines(report.answer)],
    ["Steps", stepsOf(report, width)],
    ["Files", changedFileLines(report.files)],
    ["Refused", report.refusals.map(({ step, command, reason }) => `step ${step}, ${command}: ${firstLine(reason)}`)],
    ["Circles", report.circles.map(({ step, text }) => `after step ${step}: ${text}`)],
    ["Text of others that it has read", sourceLines(report)],
    ["Held back, as text of others may have led to it", heldBackLines(report)],
    ["Cost", costOf(report, width)],
    ["Limits", limitsOf(report.limits)],
    ["Next", nextOf(report)],
  ];
  return sections
    .filter(([, found]) => found.length > 0)
    .map(([heading, found]) =>
      (heading === "" ? found : [heading, ...found.map((line) => `  ${escapeText(line)}`)])
        .map((line) => brokenAt(width, line))
        .join("\n"),
    )
    .join("\n\n");
}

/** A line that is wider than the terminal, broken between words; what goes on stands a little further in. */
function brokenAt(width: number | undefined, line: string): string {
  if (width === undefined || cutToWidth(line, width) === line) return line;
  return layOut(line, width, `${/^ */.exec(line)?.[0] ?? ""}  `, true);
}

function headOf(report: RunReport): string[] {
  const { run, id, start, steps, durationMs, started, state, end, continuous } = report;
  const began = started === null ? "" : `Began ${whenText(new Date(started), new Date())}, worked `;
  const why =
    state === "running"
      ? "It is running."
      : end === null
        ? "It was killed: its journal has no end."
        : endSentence(end.reason);
  return [
    `Run ${run} (${id}): ${stateInWords(state)}`,
    `${start.aiName}, ${start.aiRole}`,
    `${began}${durationText(durationMs)} in ${counted(steps, "step")}${continuous ? ", without asking" : ""}. ${why}`,
    ...(start.forkedFrom === undefined
      ? []
      : [`Forked from the run ${start.forkedFrom.run} after step ${start.forkedFrom.step}`]),
    ...(end?.message === undefined ? [] : [end.message]),
    `Workspace: ${start.workspace}`,
    ...undoneLines(report),
  ].map(escapeText);
}

const goalsOf = ({ end, start }: RunReport): string[] =>
  end && end.goals.length > 0
    ? end.goals.flatMap((judged) => [
        `${judged.verdict.padEnd(7)}  ${judged.goal}`,
        ...evidenceLines(judged).map((found) => `${" ".repeat(9)}${found}`),
      ])
    : start.goals.map((goal) => `${"open".padEnd(7)}  ${goalText(goal)}`);

const stepsOf = ({ reportedSteps }: RunReport, width: number | undefined): string[] =>
  tableLines(
    [
      { heading: "", align: "right" },
      { heading: "", least: 16 },
      { heading: "" },
      { heading: "", align: "right", leaveOut: 1 },
    ],
    reportedSteps.map((step) => [
      String(step.step),
      commandInShort(step),
      outcomeInWords(step),
      step.durationMs === null ? "" : durationText(step.durationMs),
    ]),
    width,
  );

function costOf({ spending, usage }: RunReport, width: number | undefined): string[] {
  if (usage === null || spending.length === 0) return [];
  const row = (what: string, model: string, totals: Totals): string[] => [
    ...[
      what,
      model,
      counted(totals.requests, "request"),
      `${shortNumber(tokensOf(totals))} tokens${cachedShare(totals)}`,
    ],
    costText(totals),
  ];
  return tableLines(
    [
      { heading: "" },
      { heading: "", least: 8 },
      { heading: "", align: "right", leaveOut: 1 },
      { heading: "", align: "right" },
      { heading: "", align: "right" },
    ],
    [...spending.map(({ model, purpose, totals }) => row(purpose, model, totals)), row("in all", "", usage)],
    width,
  );
}

/** How much of what was sent the server had kept; nothing where it had none of it. */
const cachedShare = ({ cachedTokens, promptTokens }: Totals): string =>
  cachedTokens > 0 ? ` (${Math.round((100 * cachedTokens) / promptTokens)} % cached)` : "";

function limitsOf({ steps, costUsd, tokens, seconds, byDefault }: RunLimits): string[] {
  const set = [
    steps === null ? null : counted(steps, "step"),
    costUsd === null ? null : `$${costUsd}`,
    tokens === null ? null : `${shortNumber(tokens)} tokens`,
    seconds === null ? null : durationText(seconds * 1000),
  ].filter((one) => one !== null);
  return set.length === 0 ? [] : [`${set.join(", ")}${byDefault ? " (by default)" : ""}`];
}

/** What one may want to type next; the first is the nearest. */
const nextOf = (report: RunReport): string[] => [...nextCommands(report), `Journal: ${shellQuoted(report.journal)}`];

/** What it waits for, where that is an answer. */
const questionOf = ({ question, serverQuestions }: RunReport): string[] => [
  ...(question === null ? [] : [`step ${question.step} wants to run ${commandInShort(question)} (${question.effect})`]),
  ...serverQuestions.map(serverQuestionLine),
];

/** A table inside a section, which is set in by two columns. */
const tableLines = (...[columns, rows, width]: Parameters<typeof table>): string[] =>
  rows.length === 0 ? [] : table(columns, rows, width === undefined ? undefined : width - 2).split("\n");

const lines = (text: string): string[] => text.split("\n");
const firstLine = (text: string): string => cutToWidth(text.split("\n")[0] ?? "", 120);

/** A whole step: what the AI thought, what it asked for, and what came of it. */
function stepText(step: ReportedStep): string {
  const { command, durationMs, thoughts, result } = step;
  const took = durationMs === null ? "" : `, ${durationText(durationMs)}`;
  const thought: [string, string][] = thoughts
    ? [
        ["Thoughts", thoughts.text],
        ["Reasoning", thoughts.reasoning],
        ["Plan", thoughts.plan],
        ["Criticism", thoughts.criticism],
      ]
    : [];
  const args = Object.entries(command?.args ?? {}).map(([name, value]): [string, string] => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const parts: [string, string][] = [
    ...thought,
    ...(thoughts === null || command === null ? ([["Reply", step.text]] as [string, string][]) : []),
    ["Command", command?.name ?? "none"],
    ...args,
    ["Result", result.text],
  ];
  return [
    `Step ${step.step}: ${outcomeInWords(step)}${took}`,
    ...parts
      .filter(([, text]) => text !== "")
      .map(
        ([heading, text]) =>
          `${heading}:\n${lines(text)
            .map((line) => `  ${line}`)
            .join("\n")}`,
      ),
  ]
    .map(escapeText)
    .join("\n\n");
}
