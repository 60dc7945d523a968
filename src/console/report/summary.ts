import { escapeControls } from "../../base/escape.js";
import { counted, shellQuoted } from "../../base/text.js";
import type { RunReport } from "../../history/report/run-report.js";
import { costText } from "../text/words.js";
import { fileLines, othersText, type LineCounts } from "./changed-files.js";
import { nextCommands } from "./next-commands.js";

/** So many files and refusals are named; the report has all of them. */
const mostNamed = 4;

export type SummaryOptions = {
  lines: LineCounts;
  /** Where the report lies; null where it was not written, or will not stay. */
  file: string | null;
};

/**
 * What the last lines of a run say besides its goals, its cost in all and its journal: files, cost by purpose, refusals,
 * circles, where the report lies, and what to type next. What there is none of is left out.
 */
export function summaryLines(report: RunReport, { lines, file }: SummaryOptions): string[] {
  const { refusals, effectsStopped, circles, spending, files } = report;
  const changed = fileLines(files, lines).map(({ fate, file: name, lines: count }) =>
    [name, ` (${fate === "changed" ? count || "changed" : [fate, count].filter((one) => one !== "").join(", ")})`].join(
      "",
    ),
  );
  const cost = spending.map(({ purpose, model, totals }) => `${purpose} ${costText(totals)} (${model})`);
  const refused = refusals.map(({ command, step }) => `${command} (step ${step})`);
  const [next] = nextCommands(report);
  const rows: [string, string | null][] = [
    ["Changed", listed(changed, othersText(files))],
    ["Cost", spending.length > 1 ? cost.join(", ") : null],
    ["Refused", listed(refused, null)],
    [
      "Held back",
      listed(
        effectsStopped.map(({ command, step }) => `${command} (step ${step})`),
        null,
      ),
    ],
    [
      "Circles",
      circles.length === 0 ? null : `${counted(circles.length, "time")}, last after step ${circles.at(-1)?.step}`,
    ],
    ["Report", file === null ? null : shellQuoted(file)],
    ["Next", file === null ? null : (next ?? null)],
  ];
  return rows.flatMap(([name, text]) =>
    text === null ? [] : [escapeControls(`${name}: ${text}`, { newlines: "escape" })],
  );
}

/** The first of these, and how many others there are; null where there are none. */
function listed(all: readonly string[], others: string | null): string | null {
  if (all.length === 0 && others === null) return null;
  const hidden = all.length - mostNamed;
  const rest = others ?? (hidden > 0 ? `and ${counted(hidden, "other")}` : null);
  return [...all.slice(0, mostNamed), ...(rest === null ? [] : [rest])].join(", ");
}
