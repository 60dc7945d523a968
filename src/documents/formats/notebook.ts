import { DocumentError } from "../document-error.js";

type Cell = { cell_type?: unknown; source?: unknown; input?: unknown; outputs?: unknown };
type Output = { text?: unknown; data?: unknown; ename?: unknown; evalue?: unknown };

/** The most characters that are kept of one output: tables and logs run to megabytes. */
const longestOutput = 4000;

/** The text of a Jupyter notebook (nbformat 3 and 4): its texts as they are, code in fences, and what it put out as text. */
export function textOfNotebook(source: string): string {
  const { cells, language } = readNotebook(source);
  return cells
    .map((cell) => cellText(cell, language))
    .filter((text) => text !== "")
    .join("\n\n");
}

function readNotebook(source: string): { cells: Cell[]; language: string } {
  let notebook: Record<string, unknown>;
  try {
    notebook = JSON.parse(source) as Record<string, unknown>;
  } catch (cause) {
    throw new DocumentError("damaged", "It is not a readable notebook: it is no JSON.", { cause });
  }
  const sheets = Array.isArray(notebook["worksheets"]) ? (notebook["worksheets"] as { cells?: unknown }[]) : [];
  const cells = notebook["cells"] ?? sheets.flatMap((sheet) => sheet.cells ?? []);
  if (!Array.isArray(cells) || !("nbformat" in notebook))
    throw new DocumentError("damaged", "It is not a readable notebook: it holds no cells.");
  const about = notebook["metadata"] as { language_info?: { name?: unknown } } | undefined;
  const language = about?.language_info?.name;
  return { cells: cells as Cell[], language: typeof language === "string" ? language : "" };
}

function cellText(cell: Cell, language: string): string {
  const text = joined(cell.source ?? cell.input).trimEnd();
  if (cell.cell_type !== "code") return text;
  const outputs = Array.isArray(cell.outputs) ? (cell.outputs as Output[]).map(outputText).filter(Boolean) : [];
  return [`\`\`\`${language}\n${text}\n\`\`\``, ...outputs].join("\n");
}

function outputText({ text, data, ename, evalue }: Output): string {
  if (ename !== undefined) return `Error: ${joined(ename)}: ${joined(evalue)}`;
  const shown = joined(text ?? (data as Record<string, unknown> | undefined)?.["text/plain"]).trimEnd();
  return shown.length > longestOutput ? `${shown.slice(0, longestOutput)}…` : shown;
}

/** Notebooks keep texts as one text or as a list of lines. */
const joined = (text: unknown): string =>
  Array.isArray(text)
    ? text.map((line) => (typeof line === "string" ? line : "")).join("")
    : typeof text === "string"
      ? text
      : "";
