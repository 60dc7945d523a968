import { textFile, type Archive } from "./archive.js";
import {
  childrenOf,
  characters,
  elementsNamed,
  escapeHtml,
  localName,
  parseXml,
  type AnyNode,
  type Element,
} from "./xml.js";

/** DrawingML's text (ECMA-376, part 1, 21.1): paragraphs and tables below a node, as HTML. */
export function drawnText(root: AnyNode): string {
  return elementsNamed(root, "p", "tbl")
    .map((block) => (localName(block) === "tbl" ? drawnTable(block) : `<p>${drawnLine(block)}</p>`))
    .join("");
}

function drawnTable(table: Element): string {
  const rows = elementsNamed(table, "tr").map((row) => {
    const cells = elementsNamed(row, "tc").map((cell) => `<td>${drawnCell(cell)}</td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<table>${rows.join("")}</table>`;
}

const drawnCell = (cell: Element): string => elementsNamed(cell, "p").map(drawnLine).join("<br>");

function drawnLine(node: Element): string {
  return childrenOf(node)
    .map((child) => {
      const name = localName(child);
      if (name === "t") return escapeHtml(characters(child));
      if (name === "br") return "<br>";
      return name === "tab" ? " " : drawnLine(child);
    })
    .join("");
}

/** What a chart shows (ECMA-376, part 1, 21.2): its titles, then a line for each series, its categories and values. */
export function chartText(archive: Archive, path: string): string {
  const chart = parseXml(textFile(archive, path));
  const titles = elementsNamed(chart, "title").map((title) => drawnText(title));
  const series = elementsNamed(chart, "ser").map((one) => {
    const part = (...names: string[]): string[] =>
      elementsNamed(one, ...names).flatMap((node) => elementsNamed(node, "v").map(characters));
    const categories = part("cat", "xVal");
    const values = part("val", "yVal").map((value, at) => [categories[at], value].filter(Boolean).join(" "));
    return `<p>${escapeHtml(`${part("tx").join(" ")}: ${values.join("; ")}`)}</p>`;
  });
  return [...titles, ...series].join("");
}
