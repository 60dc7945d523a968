import type { AnyNode, Element } from "domhandler";
import { textWithin } from "./nodes.js";

/** A table whose cells belong together by row and column. */
export interface DataTable {
  row(element: Element): void;
  /** A cell or the caption, with its text. */
  cell(element: Element, text: string): void;
  lines(): string[];
}

type Cell = { text: string; isHeading: boolean; columns: number; rows: number };

const mostColumns = 200;
const mostCells = 100_000;

/** Collects a table and writes it with a bar between cells, empty ones included; what spans several stands in each. */
export function openTable(): DataTable {
  const rows: Cell[][] = [];
  let caption = "";
  return {
    row: () => void rows.push([]),
    cell(element, text) {
      // Lines of a cell stay in its row.
      const line = text
        .replace(/\s*\n\s*/g, "; ")
        .replaceAll("|", "\\|")
        .trim();
      if (element.name === "caption") return void (caption = line);
      if (rows.length === 0) rows.push([]);
      const { colspan, rowspan } = element.attribs;
      const isHeading = element.name === "th" || (element.parent?.parent as Element | null)?.name === "thead";
      rows.at(-1)?.push({ text: line, isHeading, columns: span(colspan, mostColumns), rows: span(rowspan, 10_000) });
    },
    lines() {
      const grid = gridOf(rows);
      const lines = grid.map(lineOf);
      const [first = []] = rows;
      const hasHeading = first.length > 1 && first.every(({ isHeading, text }) => isHeading || text === "");
      if (hasHeading && lines.length > 1) lines.splice(1, 0, `|${" --- |".repeat(grid[0]?.length ?? 0)}`);
      return [caption, ...lines].filter((line) => line !== "");
    },
  };
}

const span = (text: string | undefined, most: number): number =>
  Math.min(most, Math.max(1, parseInt(text ?? "1", 10) || 1));

/** The text at each place of the table. */
function gridOf(rows: readonly Cell[][]): string[][] {
  const grid: string[][] = rows.map(() => []);
  let cells = 0;
  for (const [at, row] of rows.entries()) {
    const places = grid[at] ?? [];
    for (const cell of row) {
      let from = 0;
      while (places[from] !== undefined) from++;
      // A cell across the whole row is a heading over what follows and stands there once.
      const isWide = row.length === 1 && cell.columns > 1;
      const below = Math.min(cell.rows, rows.length - at);
      for (let down = 0; down < below && cells < mostCells; down++) {
        for (let right = 0; right < (isWide ? 1 : cell.columns); right++, cells++) {
          const line = grid[at + down];
          if (line !== undefined) line[from + right] ??= cell.text;
        }
      }
    }
  }
  return grid.map((places) => Array.from(places, (text) => text ?? ""));
}

function lineOf(places: readonly string[]): string {
  if (places.every((text) => text === "")) return "";
  if (places.length === 1) return places[0] ?? "";
  return `|${places.map((text) => (text === "" ? " |" : ` ${text} |`)).join("")}`;
}

const layoutRole = /^(?:presentation|none)$/i;
/** The longest cell of a table of data that has no headings, in characters. */
const longestCell = 300;

type Look = { rows: number; columns: number; longest: number; hasHeadings: boolean };

/** Whether a table holds data, or only lays out a page: such a one holds other tables, code, or long texts. */
export function isDataTable(table: Element): boolean {
  if (layoutRole.test(table.attribs["role"] ?? "")) return false;
  const look = lookAt(table);
  if (look === null || look.columns < 2) return false;
  return look.hasHeadings || (look.rows > 1 && look.longest <= longestCell);
}

/** What speaks for data or layout; null where something in it speaks for layout alone. */
function lookAt(table: Element): Look | null {
  const look: Look = { rows: 0, columns: 0, longest: 0, hasHeadings: false };
  let [columns, length] = [0, 0];
  const waiting: AnyNode[] = [...table.children].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.type === "text") length += next.data.trim().length;
    if (!("children" in next)) continue;
    const { name, attribs } = next as Element;
    if (/^(?:table|form|h[1-3]|article|section)$/.test(name) || attribs?.["data-shown"] === "pre") return null;
    if ((name === "pre" || name === "textarea") && /\S\s*\n\s*\S/.test(textWithin(next as Element))) return null;
    if (name === "tr") {
      look.rows++;
      columns = 0;
    }
    if (name === "td" || name === "th") {
      columns += span(attribs["colspan"], mostColumns);
      length = 0;
    }
    if (/^(?:th|thead|caption|colgroup)$/.test(name)) look.hasHeadings = true;
    look.columns = Math.max(look.columns, columns);
    look.longest = Math.max(look.longest, length);
    for (let child = next.children.length - 1; child >= 0; child--) waiting.push(next.children[child] as AnyNode);
  }
  look.longest = Math.max(look.longest, length);
  return look;
}
